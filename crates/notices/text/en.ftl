# What leaves the house: never a name, a subject or content.
notices-out-title = Handbook
notices-out-body = There is something new in the handbook. Open it to see.
notices-out-settings = Choose what you get, set quiet hours, or stop these messages:
# Refusals.
notices-refused-endpoint = This device gave no address that we can send notices to. Turn notices off and on again in the browser.
notices-refused-email = This e-mail address is not right. Write it like name@place.vn.
