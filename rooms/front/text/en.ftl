front-today-hello = Hello, { $name }
front-today-hello-plain = Hello, { $name }
front-today-date = { $weekday }, { $day } { $month } { $year }
front-month-1 = January
front-month-2 = February
front-month-3 = March
front-month-4 = April
front-month-5 = May
front-month-6 = June
front-month-7 = July
front-month-8 = August
front-month-9 = September
front-month-10 = October
front-month-11 = November
front-month-12 = December
front-today-lead = { $count ->
    [1] One thing to do first
    [2] Two things to do first
    [3] Three things to do first
   *[other] { $count } things to do first
  }, about { $minutes ->
    [1] one minute
   *[other] { $minutes } minutes
  }.
front-today-lead-plain = { $count ->
    [1] One thing to do first.
    [2] Two things to do first.
    [3] Three things to do first.
   *[other] { $count } things, by their due days.
  }
front-today-lead-all = All { $count } things by their due days, about { $minutes } minutes.
front-today-tasks = What to do first
front-today-minutes = { $count } min
front-today-why = Why
front-today-how = How
front-today-why-how = Why and how
front-today-more = The whole month: { $count } more
front-today-fewer = Only the first three
front-today-notices = What is new
front-today-notices-more = { $count } more
front-today-aside = Coming up, and what you read
front-today-missing = A part of this page could not be loaded.
front-today-missing-calm = What stands below is right, but something to do may be missing. Reload the page in a few minutes.
front-today-reload = Reload the page
front-today-empty = Nothing is waiting for you today
front-today-empty-what = When something is due, when you are invited or when there is news, it appears here, the most urgent first.
front-today-empty-help = How to use Sổ tay
front-today-empty-read = Open the library
front-search-title = Search
front-search-label = Search documents, books, news and people
front-search-label-public = Search what is public
front-search-hint = Marks may be left out.
front-search-hint-more = Type a few words that you remember, a document’s symbol, a title or a name.
front-search-hint-more-public = Type a few words that you remember, a document’s symbol or a title.
front-search-tabs = Kind of result
front-search-all = All
front-search-people = People
front-search-count = { $count ->
    [1] One result
   *[other] { $count } results
  }
front-search-count-many = More than { $count } results, the closest first
front-search-count-loose = Nothing has all the words. The nearest
front-search-count-people = { $count ->
    [1] One person
   *[other] { $count } people
  }
front-search-for = for “{ $q }”.
front-search-cut = The question is longer than { $count } letters, so only its beginning was used. A few main words are enough.
front-search-results = Results
front-search-people-heading = People
front-search-people-more = Everyone of this name
front-search-loose = Show what has only some words of the name, too
front-search-nothing = Nothing found for “{ $q }”.
front-search-nothing-shorter = Try fewer words: keep the two or three that matter.
front-search-nothing-symbol = For a document, type its symbol, such as 12-QĐ/ĐU.
front-search-nothing-name = For a person, type the given name. Only people whom you may see are shown.
front-search-nothing-all = Search all kinds
front-search-sign-in = Sign in to search documents for members and the library too.
front-search-pages = Pages of results
front-search-previous = Previous page
front-search-next = Next page
front-search-shown = Showing { $from } to { $to }.
front-api-q-missing = The parameter q (the question) is missing or empty.
front-api-q-long = The parameter q is longer than 4,096 bytes.
front-api-limit = The parameter limit must be a whole number from 1 to 100.
front-api-kind = The parameter kind takes { $kinds }, joined by commas.
front-help-title = How to use Sổ tay
front-help-lead = Five places are always in the bar at the foot of a phone’s screen, or at the left of a computer’s. From everywhere you can go back.
front-help-places = What to press
front-help-today = What there is to do, the most urgent first. Each thing has one button that leads to the very step.
front-help-search = One box for documents, books, news and people. Marks may be left out.
front-help-care = Worth knowing
front-help-red = The red button is what to do next. A page has one at most.
front-help-safe = Trying a button breaks nothing. What cannot be undone always asks again on a page of its own.
front-help-shared = On a shared computer press Me, then Sign out when you are done.
front-help-trouble = When something fails, read the operation number on that page to your administrator. What was saved is still there.
front-help-ask = Ask your secretary when in doubt; invitations and papers can be printed in large type.
front-scope = Search

approvals-title = Waiting for approval
approvals-lead = What weighs needs two people: one prepares, another decides.
approvals-open = Waiting for you
approvals-open-none = Nothing waits for your decision.
approvals-own = What you have sent
approvals-by = Prepared by { $name }.
approvals-by-on = Prepared by { $name } on { $day }.
approvals-change = What would change
approvals-old = Now:
approvals-new = Then:
approvals-until = Read it and answer before { $day }. “Approve” makes the change at once.
approvals-approve = Approve
approvals-refuse = Refuse and send back
approvals-reason = Why not
approvals-reason-hint = Needed only when you send it back. Whoever prepared it can read this.
approvals-reason-missing = Say why you send it back, so that the other knows what to mend.
approvals-reason-said = Reason: { $reason }
approvals-own-waits = This waits for somebody else until { $day }.
approvals-withdraw = Take back
approvals-see-all = See what waits
approvals-prepare-again = Prepare it again
approvals-state-waiting = Waiting
approvals-state-applied = Approved and done
approvals-state-refused = Sent back
approvals-state-withdrawn = Taken back
approvals-state-expired = Nobody decided in time
approvals-state-stale = Must be prepared again
approvals-done-waits = Your answer is kept. The other side must still answer.
approvals-done-applied = Agreed. The change holds.
approvals-done-later = Agreed. The list from the file is written within a few minutes.
approvals-done-refused = Sent back with your reason.
approvals-done-withdrawn = Taken back.
approvals-refused-ended = This is over, or somebody has answered already.
approvals-refused-expired = The time to decide has passed. Whoever prepared it may send it again.
approvals-refused-changed = This is no longer what your page showed. Open it and read it again.
approvals-notice-kind = What I prepared was refused, ran out or must be prepared again
approvals-told-refused-why = { $by } sent it back: { $title }. Why: { $reason }
approvals-told-refused-by = { $by } sent it back without saying why: { $title }. Ask { $by }.
approvals-reason-none = No reason was given.
approvals-ended-refused = It was sent back, without a reason.
approvals-ended-refused-by = { $by } sent it back without saying why. Ask { $by }.
approvals-ended-refused-why = { $by } sent it back. Why: { $reason }
approvals-ended-expired = Nobody answered in time, so nothing was done.
approvals-ended-stale = This was changed since it was prepared, so nothing was done.
approvals-told-refused = Refused: { $title }
approvals-either = { $some } or { $last }
approvals-could = Who can approve it: { $names }.
approvals-could-barred = Nobody can approve this at the moment. If somebody came into the handbook for the first time after this was prepared, withdraw it and prepare it again: then they can. Otherwise those who hold the right and you have given each other new passwords, so this would not be two people. Ask the operator to print a new slip for one of them (the command sotay slip); once they are in by that slip they can approve. If that cannot be had, prepare it again thirty days after the last new password.
approvals-could-nobody = Nobody else in the handbook has the right to approve this. Take it back, or ask the operator to give somebody that right (the command sotay grant).
approvals-told-stale = Must be prepared again: { $title }
approvals-told-expired = Nobody decided in time: { $title }
approvals-refused-about = This is about yourself, so somebody else has to approve it.
approvals-refused-own = You prepared this, so somebody else must decide it.
approvals-refused-both-sides = Each side must be answered by another person.
approvals-refused-decided = This side has been answered.
approvals-refused-waiting = Such a change is waiting already. Wait for it, or take it back first.
approvals-refused-stale = Not approved: this was changed since it was prepared, so nothing was done. It went back, and { $by } was told to look again and prepare it anew.
approvals-today-title = { $count ->
    [one] One change waits for your approval
   *[other] { $count } changes wait for your approval
 }
approvals-today-due = Answer before { $day }
approvals-today-why = What weighs needs two people.
approvals-today-how = The oldest: { $title }
approvals-today-go = Read and answer
approvals-today-sent = Sent on { $day }, waits for somebody else.
approvals-today-more = See { $n } more
front-place-today = Today
front-place-help = Help
did-approval-approve = Agreed to a change
did-approval-refuse = Refused a change
did-approval-withdraw = Took a change back
did-approval-stale = A change has to be prepared again
thing-approval = Change waiting
