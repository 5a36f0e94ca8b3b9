library-title = Library
library-search = Search every page of the books
library-reading = Reading now
library-own-places = Books being read
library-reading-minutes = { $n ->
    [one] about one minute left in this section
   *[other] about { $n } minutes left in this section
  }
library-go-on = Read on
library-start = Read
library-from-start = Read from the start
library-all = { $n ->
    [1] See the title
   *[other] All { $n } titles
}
library-count = { $n ->
    [one] One title
   *[other] { $n } titles
  }
library-page = page { $n } of { $all }
library-pages = Pages of this shelf
library-page-previous = Previous page
library-page-next = Next page
library-sort = Order
library-sort-title = By title
library-sort-new = Newest first
library-shelf-empty = No books on this shelf yet.
library-empty = No shelves yet
library-empty-more = Books that are added will stand here, shelf by shelf.
library-privacy = What you read, and how far, is yours alone. Nobody else can see it, and no page of the handbook shows it to whoever runs it.
library-contents = Contents
library-about = About
library-facts = About this book
library-fact-creators = Authors
library-fact-translators = Translators
library-fact-illustrators = Illustrators
library-fact-editors = Editors
library-fact-publisher = Publisher
library-fact-published = Published
library-fact-language = Language
library-fact-length = Length
library-fact-subjects = Subjects
library-fact-source = Source
library-fact-identifier = Identifier
library-fact-file = File
library-fact-access = Accessibility
library-title-words = { $n } words
library-title-minutes = { $n ->
    [one] About one minute to read
   *[other] About { $n } minutes to read
  }
library-title-hours = { $n ->
    [one] About one hour to read
   *[other] About { $n } hours to read
  }
library-title-fixed = pages of fixed size
library-language-vi = Vietnamese
library-language-en = English
library-language-fr = French
library-language-ru = Russian
library-language-zh = Chinese
library-language-lo = Lao
library-language-km = Khmer
library-language-de = German
library-language-ja = Japanese
library-a11y-textual = Everything can be read as text
library-a11y-contents = table of contents
library-a11y-order = clear reading order
library-a11y-headings = structured headings
library-a11y-alt = pictures are described
library-a11y-long-alt = complex pictures have long descriptions
library-a11y-display = type and colours can be changed
library-a11y-pages = page numbers of the printed edition
library-a11y-audio = read aloud in step with the text
library-a11y-index = index
library-a11y-captions = film and sound have captions
library-a11y-math = formulas can be read
library-a11y-no-hazard = nothing hazardous to watch
library-a11y-flashing = has flashing pictures
library-a11y-motion = has moving pictures
library-a11y-sound = has sudden sounds
library-a11y-other = The book says something, but not in the usual terms.
library-a11y-silent = The book does not say.
library-read-back = Back to the book’s page
library-read-untitled = Section { $n }
library-read-number = Section { $n } of { $all }
library-read-nothing = There is no text in this section. Go on to the next.
library-read-next = Next section
library-read-previous = Previous section
library-read-end = The end.
library-read-end-to = Back to the library
library-read-percent = { $n }% of the book
library-read-percent-label = { $n } percent of the book read
library-read-section-left = { $n ->
    [one] one minute left in this section
   *[other] { $n } minutes left in this section
  }
library-read-book-left = { $n ->
    [one] about one minute left
   *[other] about { $n } minutes left
  }
library-close = Close
library-way = Way of reading
library-way-open = Type size, colours, lines
library-way-keep = Keep this way
library-way-size = Size of type
library-way-size-m = Medium
library-way-size-l = Large
library-way-size-xl = Very large
library-way-ground = Colours
library-way-ground-auto = As the device
library-way-ground-light = Light
library-way-ground-sepia = Old paper
library-way-ground-dark = Dark
library-way-face = Face
library-way-face-serif = Serif
library-way-face-sans = Sans serif
library-way-lines = Lines
library-way-lines-tight = Tight
library-way-lines-mid = Medium
library-way-lines-wide = Wide
library-form-trouble = Error
library-shelf-new = Make a shelf
library-shelf-name = Name of the shelf
library-shelf-name-hint = For example: Electronic cell
library-shelf-name-missing = Give the shelf a name, so that readers know it.
library-shelf-name-taken = There is a shelf of that name. Choose another.
library-shelf-lead = A sentence about it
library-shelf-lead-hint = Optional.
library-shelf-audience = Who may read it
library-shelf-audience-missing = Choose who may read this shelf.
library-shelf-go = Make the shelf
library-shelf-made = The shelf is made. Press “Take books from files” to add books.
library-audience-members = All members
library-audience-public = Everyone, also outsiders
library-audience-home = My unit and the units below
library-audience-unit = The body above that I edit for, and the units below
library-edit = Correct the book’s details
library-edit-lead = Corrects what is said about the book. Text and file stay as they are, and a new edition of the file leaves corrections alone.
library-edit-title = Title
library-edit-title-missing = Give the title.
library-edit-subtitle = Subtitle
library-edit-creators-hint = Several names: put commas between them.
library-edit-go = Save the details
library-edit-back = Leave it as it is
library-edit-done = The details are saved.
library-refused-slug = “{ $slug }” cannot be the short name of a shelf. Use small letters without marks, digits and hyphens.
library-import-shelf-made = There was no shelf “{ $slug }”, so it was made.
library-import-older = This file is an older edition of a book that is here in a newer one; the newer one stays.
library-import-elsewhere = This file is on another shelf already and was not added again.
library-import-same-text = The text is that of “{ $title }”, which is on this shelf, so it was not added again.
library-import-same-file = The same as the file { $file } above, so it is taken once.
library-import-identifier-shared = Another book has the same identifier; this one was added beside it.
library-refused-sample = This is the sample, not a real book. Open it in a program that edits EPUB, put your title and text in, and send it again; or choose another EPUB.
library-refused-pdf = PDF books are not taken yet. If there is an EPUB of this book, bring that one.
library-refused-unreadable = The file could not be opened on disk. Check that it may be read, then try again.
library-refused-not-an-archive = The file is not an EPUB, or it is damaged. Download it again and try once more.
library-refused-not-an-epub = This archive is not an EPUB.
library-refused-too-large = The book is too large, or unpacks to something too large.
library-refused-unsafe-path = The file has an entry that leads outside the book. It is not safe and was not taken.
library-refused-duplicate-entry = The file has two entries of one name, and nobody can tell which is right.
library-refused-encrypted = The book is locked (DRM). An unlocked copy is needed.
library-refused-no-container = The file lacks the part that says where the book is.
library-refused-no-package = The book lacks its package document.
library-refused-nothing-to-read = There is nothing in this book that can be read.
library-refused-not-written = The server could not write the book’s pictures. See whether the disk is full, then try again.
library-refused-too-slow = Reading this file took too long and was stopped.
library-refused-too-big = Reading this file needed too much memory and was stopped.
library-refused-crashed = This file broke the reader and was not taken. Other books are not affected.
library-refused-other = The file was not taken ({ $key }).
library-warning-damaged-entry = Damaged files inside the book, passed over: { $n }.
library-warning-encryption = The book says that parts are locked, but they can be read.
library-warning-mimetype = The file does not name its type as EPUB asks; it can be read.
library-warning-overlapping = Entries of the archive overlap; each was read by itself.
library-warning-case = Some file names differ only in capitals.
library-warning-names = File names in an old encoding: { $n }.
library-warning-packages = There are several renditions inside; the first was taken.
library-warning-contents-links = Some lines of the contents lead nowhere.
library-warning-contents-cut = The contents were too long and were cut.
library-warning-contents-damaged = The contents are partly damaged; what could be read was read.
library-warning-contents-made = The book has no contents; they were made from its headings.
library-warning-missing-file = Files that the book names and does not hold: { $n }.
library-warning-no-title = The book names no title; the file’s name was taken.
library-warning-remote-items = Parts of the book lie elsewhere; they were not fetched.
library-warning-picture-cleaned = Drawings with unsafe parts, which were removed: { $n }.
library-warning-picture-lost = Pictures that could not be read, left out: { $n }.
library-warning-active = Sections from which active or embedded parts were removed: { $n }.
library-warning-section-damaged = Sections that are damaged and could not be read: { $n }.
library-warning-section-lost = Sections that are missing or are no text: { $n }.
library-warning-section-mended = Sections with a broken structure, mended: { $n }.
library-warning-section-remote = Sections that lie outside the book, not fetched: { $n }.
library-warning-remote = Sections from which pictures and files from elsewhere were removed: { $n }.
library-warning-scripts = Sections from which scripts were removed: { $n }.
library-warning-spine = Lines of the reading order that could not be used: { $n }.
library-warning-other = The book departs from the standard ({ $key } { $detail }).
library-find = Books
library-find-title = Book
library-find-section = In the book { $context }
library-scope = Books
library-import-heading = Take books from files
library-place = Library
library-place-help = Books to read. Next time they open where you stopped.
library-import-hint = EPUB books. Title, author and cover are read from the file; a book that is on the shelf is not added again.
library-import-creators = Authors
library-import-publisher = Publisher
did-shelf-add = Made a shelf
did-title-add = Added a book
did-title-replace = Replaced the file of a book
did-title-edit = Changed a book
did-title-undo = Took imported books back
thing-shelf = Shelf
thing-title = Book
