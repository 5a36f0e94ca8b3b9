people-refused-too-deep = Tổ chức này đã ở cấp sâu nhất, không lập thêm cấp dưới được.
people-refused-changed-meanwhile = Có người vừa sửa hồ sơ này trước. Chưa ghi gì, mời xem lại bản mới.
people-refused-changed-look = Xem bản mới
