front-today-hello = Chào { $you } { $name }
front-today-hello-plain = Chào { $name }
front-today-date = { $weekday }, { $day } { $month } năm { $year }
front-month-1 = tháng 1
front-month-2 = tháng 2
front-month-3 = tháng 3
front-month-4 = tháng 4
front-month-5 = tháng 5
front-month-6 = tháng 6
front-month-7 = tháng 7
front-month-8 = tháng 8
front-month-9 = tháng 9
front-month-10 = tháng 10
front-month-11 = tháng 11
front-month-12 = tháng 12
front-today-lead = { $count ->
    [1] Một việc nên làm trước
    [2] Hai việc nên làm trước
    [3] Ba việc nên làm trước
   *[other] { $count } việc nên làm trước
  }, mất khoảng { $minutes } phút.
front-today-lead-plain = { $count ->
    [1] Một việc nên làm trước.
    [2] Hai việc nên làm trước.
    [3] Ba việc nên làm trước.
   *[other] { $count } việc, xếp theo hạn.
  }
front-today-lead-all = Tất cả { $count } việc, xếp theo hạn, mất khoảng { $minutes } phút.
front-today-tasks = Việc nên làm trước
front-today-minutes = { $count } phút
front-today-why = Vì sao
front-today-how = Cách làm
front-today-why-how = Vì sao và cách làm
front-today-more = Xem cả tháng: còn { $count } việc
front-today-fewer = Chỉ xem ba việc đầu
front-today-notices = Có gì mới
front-today-notices-more = Xem thêm { $count } tin
front-today-aside = Sắp tới và đang đọc
front-today-missing = Một phần của trang này chưa tải được.
front-today-missing-calm = Những gì hiện ở dưới vẫn đúng, nhưng có thể còn thiếu việc. Tải lại trang sau ít phút.
front-today-reload = Tải lại trang
front-today-empty = Hôm nay không có việc nào chờ
front-today-empty-what = Khi có việc đến hạn, giấy mời họp hay thông báo mới, chúng sẽ hiện ở đây, việc gấp nhất đứng đầu.
front-today-empty-help = Xem cách dùng Sổ tay
front-today-empty-read = Mở tủ sách
front-search-title = Tìm kiếm
front-search-label = Tìm trong văn bản, sách, tin và người
front-search-label-public = Tìm trong những gì đã công khai
front-search-hint = Gõ không dấu cũng tìm được.
front-search-hint-more = Gõ vài chữ nhớ được, số ký hiệu văn bản, tên sách hoặc tên người.
front-search-hint-more-public = Gõ vài chữ nhớ được, số ký hiệu văn bản hoặc tên bài.
front-search-tabs = Loại kết quả
front-search-all = Tất cả
front-search-people = Người
front-search-count = { $count } kết quả
front-search-count-many = Hơn { $count } kết quả, sát nhất đứng đầu
front-search-count-loose = Không có chỗ nào đủ mọi chữ. Gần nhất
front-search-count-people = { $count } người
front-search-for = cho “{ $q }”.
front-search-cut = Câu tìm dài quá { $count } chữ cái nên chỉ lấy phần đầu. Vài chữ chính là đủ.
front-search-results = Kết quả
front-search-people-heading = Người
front-search-people-more = Xem mọi người có tên này
front-search-nothing = Không thấy gì cho “{ $q }”.
front-search-nothing-shorter = Thử bớt chữ, chỉ giữ hai, ba chữ chính.
front-search-nothing-symbol = Nếu tìm văn bản, gõ số ký hiệu, ví dụ 12-QĐ/ĐU.
front-search-nothing-name = Nếu tìm người, gõ tên gọi. Sổ tay chỉ hiện những người đồng chí được phép xem.
front-search-nothing-all = Tìm trong tất cả các loại
front-search-sign-in = Đăng nhập để tìm cả trong văn bản nội bộ và tủ sách.
front-search-pages = Trang kết quả
front-search-previous = Trang trước
front-search-next = Trang sau
front-search-shown = Đang xem { $from } đến { $to }.
front-api-q-missing = Tham số q (câu tìm) còn thiếu hoặc trống.
front-api-q-long = Tham số q dài quá 4.096 byte.
front-api-limit = Tham số limit phải là số nguyên từ 1 đến 100.
front-api-kind = Tham số kind chỉ nhận { $kinds }, cách nhau bằng dấu phẩy.
front-help-title = Cách dùng Sổ tay
front-help-lead = Năm chỗ chính luôn ở thanh dưới màn hình điện thoại, hoặc ở bên trái trên máy tính. Bấm vào đâu cũng quay lại được.
front-help-places = Bấm vào đâu
front-help-today = Việc cần làm, việc gấp đứng đầu. Mỗi việc có một nút dẫn thẳng tới chỗ phải làm.
front-help-search = Một ô tìm cho văn bản, sách, tin và người. Gõ không dấu cũng tìm được.
front-help-care = Điều nên nhớ
front-help-red = Nút màu đỏ là việc nên làm tiếp theo. Mỗi trang nhiều nhất một nút đỏ.
front-help-safe = Bấm thử không làm hỏng gì. Việc không sửa lại được luôn hỏi lại trên một trang riêng.
front-help-shared = Dùng máy chung thì bấm Tôi, rồi Đăng xuất khi xong.
front-help-trouble = Khi gặp lỗi, đọc số thao tác trên trang ấy cho người quản trị. Những gì đã lưu vẫn còn.
front-help-ask = Chưa rõ thì hỏi bí thư chi bộ; bí thư có thể in giấy mời và tài liệu chữ to.
front-scope = Tìm kiếm

approvals-title = Chờ duyệt
approvals-lead = Việc hệ trọng cần hai người: một người chuẩn bị, một người khác duyệt.
approvals-open = Việc chờ đồng chí
approvals-open-none = Không có việc nào chờ đồng chí duyệt.
approvals-own = Việc đồng chí đã gửi duyệt
approvals-by = { $name } chuẩn bị.
approvals-by-on = { $name } chuẩn bị ngày { $day }.
approvals-change = Những gì sẽ đổi
approvals-old = Đang là:
approvals-new = Sẽ là:
approvals-until = Đọc kỹ rồi trả lời trước ngày { $day }. Bấm “Đồng ý” là thay đổi có hiệu lực ngay.
approvals-approve = Đồng ý
approvals-refuse = Không đồng ý, gửi trả
approvals-reason = Vì sao không đồng ý
approvals-reason-hint = Chỉ cần ghi khi gửi trả. Người chuẩn bị đọc được câu này.
approvals-reason-missing = Ghi vì sao gửi trả, để người chuẩn bị biết cần sửa gì.
approvals-reason-said = Lý do: { $reason }
approvals-own-waits = Việc này chờ người khác duyệt đến ngày { $day }.
approvals-withdraw = Rút lại
approvals-see-all = Xem việc chờ duyệt
approvals-prepare-again = Chuẩn bị lại
approvals-state-waiting = Đang chờ
approvals-state-applied = Đã duyệt, đã làm
approvals-state-refused = Bị gửi trả
approvals-state-withdrawn = Đã rút lại
approvals-state-expired = Quá hạn, chưa ai duyệt
approvals-state-stale = Phải chuẩn bị lại
approvals-done-waits = Đã ghi ý kiến của đồng chí. Còn chờ bên kia.
approvals-done-applied = Đã đồng ý. Thay đổi có hiệu lực.
approvals-done-refused = Đã gửi trả kèm lý do.
approvals-done-withdrawn = Đã rút lại.
approvals-refused-ended = Việc này đã xong hoặc đã có người trả lời.
approvals-refused-expired = Việc này đã quá hạn duyệt. Người chuẩn bị có thể gửi lại.
approvals-refused-changed = Nội dung không còn đúng như trang đồng chí đã đọc. Mở lại rồi đọc lần nữa.
approvals-notice-kind = Việc tôi chuẩn bị bị từ chối
approvals-told-refused = Bị từ chối: { $title }
approvals-refused-own = Đồng chí đã chuẩn bị việc này nên người khác phải duyệt.
approvals-refused-both-sides = Mỗi bên phải do một người khác nhau trả lời.
approvals-refused-decided = Bên này đã có người trả lời.
approvals-refused-waiting = Một thay đổi như vậy đang chờ duyệt. Chờ xong hoặc rút lại trước đã.
approvals-refused-stale = Từ khi chuẩn bị đến nay đã có người sửa chỗ này, nên chưa làm gì cả. Cần chuẩn bị lại.
approvals-today-title = { $count ->
    [one] Một việc chờ đồng chí duyệt
   *[other] { $count } việc chờ đồng chí duyệt
 }
approvals-today-due = Trả lời trước { $day }
approvals-today-why = Việc hệ trọng cần hai người.
approvals-today-how = Việc gửi sớm nhất: { $title }
approvals-today-go = Xem và trả lời
front-place-today = Hôm nay
front-place-help = Trợ giúp
did-approval-approve = Đồng ý việc chờ duyệt
did-approval-refuse = Từ chối việc chờ duyệt
did-approval-withdraw = Rút việc chờ duyệt
did-approval-stale = Việc chờ duyệt phải chuẩn bị lại
thing-approval = Việc chờ duyệt
