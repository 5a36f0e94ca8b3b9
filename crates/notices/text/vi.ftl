# Câu gửi ra ngoài: không bao giờ có tên người, tên việc hay nội dung.
notices-out-title = Sổ tay
notices-out-body = Có việc mới trong Sổ tay. Mở để xem.
notices-out-settings = Chọn việc muốn nhận, giờ yên lặng, hoặc thôi nhận thư:
# Từ chối.
notices-refused-endpoint = Thiết bị này không cho địa chỉ nhận thông báo dùng được. Tắt rồi bật lại thông báo trong trình duyệt.
notices-refused-email = Địa chỉ thư này chưa đúng. Ghi dạng ten@noi.vn.
