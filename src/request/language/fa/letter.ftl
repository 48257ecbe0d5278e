# The letter: titles, set phrases, dates. "for review" stands over what is not sure.

## Titles, by kind of packet.

letter-title-mutual_legal_assistance = درخواست معاضدت حقوقی متقابل
letter-title-confiscation = درخواست مصادره یا مسدود کردن اموال
letter-title-extradition = درخواست استرداد
letter-title-provisional_arrest = درخواست بازداشت موقت
letter-title-transfer_sentenced_person = درخواست انتقال محکوم
letter-title-transfer_of_proceedings = درخواست انتقال رسیدگی کیفری
letter-title-spontaneous_information = ارسال اطلاعات بدون درخواست قبلی
letter-title-financial_intelligence = تبادل اطلاعات مالی
letter-title-joint_operation = پیشنهاد عملیات مشترک
letter-title-border_alert = هشدار مرزی
letter-title-precursor_alert = هشدار پیش‌سازها
letter-title-technical_assistance = درخواست کمک فنی
letter-title-execution = اجرای درخواست
letter-title-partial_execution = اجرای بخشی از درخواست
letter-title-refusal = رد درخواست با ذکر دلایل
letter-title-postponement = تعویق اجرا
letter-title-consultation = مشورت
letter-title-information_request = درخواست اطلاعات تکمیلی
letter-title-information_response = اطلاعات تکمیلی
letter-title-progress = گزارش پیشرفت اجرا
letter-title-confidentiality_notice = اطلاعیه دربارهٔ محرمانگی
letter-title-consent_to_use = رضایت به استفاده
letter-title-amendment = اصلاح درخواست
letter-title-withdrawal = انصراف از درخواست
letter-title-closing = مختومه شدن پرونده
letter-title-receipt = رسید

## The opening sentence.

letter-opening-request = با اهدای سلام و احترام به مرجع مرکزی { $recipient }، مقام نام‌برده در زیر افتخار دارد درخواست حاضر را به استناد { $basis } تقدیم کند.
letter-opening-request-bare = با اهدای سلام و احترام به مرجع مرکزی { $recipient }، مقام نام‌برده در زیر افتخار دارد درخواست حاضر را تقدیم کند.
letter-opening-information = با اهدای سلام و احترام به مرجع مرکزی { $recipient }، مقام نام‌برده در زیر افتخار دارد مراتب زیر را به آگاهی برساند.
letter-opening-answer = با اشاره به درخواست مربوط به پروندهٔ یادشده، مقام نام‌برده در زیر افتخار دارد مراتب زیر را به آگاهی مرجع مرکزی { $recipient } برساند.
letter-opening-refusal = با اشاره به درخواست مربوط به پروندهٔ یادشده، مقام نام‌برده در زیر با ابراز تأسف به آگاهی مرجع مرکزی { $recipient } می‌رساند که معاضدت درخواستی به دلایل زیر رد شده است.
letter-opening-postponement = با اشاره به درخواست مربوط به پروندهٔ یادشده، مقام نام‌برده در زیر افتخار دارد به آگاهی مرجع مرکزی { $recipient } برساند که اجرا به علت زیر به تعویق افتاده است.
letter-opening-receipt = این رسید آنچه را درگاه‌های دو مرجع دربارهٔ مرسولهٔ یادشده امضا کرده‌اند بیان می‌کند؛ نه گویای محتوای آن است و نه به معنای پذیرش درخواست.

## What stands above and below.

letter-from = از
letter-to = به
letter-date = تاریخ
letter-our-reference = شمارهٔ ما
letter-your-reference = شمارهٔ شما
letter-wanted-by = مهلت پیشنهادی پاسخ
letter-requesting = مقام درخواست‌کننده
letter-packet = مرسوله
letter-case = پرونده
letter-in-reply-to = در پاسخ به مرسوله
letter-replaces = جایگزین مرسوله
letter-urgency = فوریت
letter-expires = پس از این تاریخ پذیرفته نیست
letter-kind = نوع
letter-draft = پیش‌نویس، ارسال نشده
letter-answering = مقام پاسخ‌دهنده
letter-sending = مقام فرستنده
letter-particulars = مشخصات
letter-matter = موضوع
letter-yes = بله
letter-article = مادهٔ { $article }
letter-labelled = { $label }: { $value }
letter-bracketed = { $value } ({ $note })
letter-comma = ،{" "}
letter-semicolon = ؛{" "}
letter-attachment-number = شماره
letter-attachment-type = نوع
letter-attachment-size = اندازه (بایت)
letter-attachment-language = زبان
letter-attachment-translation = ترجمهٔ شماره
letter-attachment-digest = SHA-256 پیوست‌ها
letter-unknown-fields = فیلدهایی که این نسخهٔ برنامه نمی‌شناسد، به base64
letter-number = شمارهٔ { $n }
letter-regards = این مقام فرصت را برای تجدید مراتب احترامات فائقهٔ خود مغتنم می‌شمارد.
letter-signature = نام، سمت و امضا
letter-place = محل و تاریخ
letter-seal = مهر
letter-paper = این برگ نسخهٔ خواندنی است. آنچه معتبر است مرسوله‌ای است که { $sender } امضا و مهروموم کرده است.
letter-paper-draft = این برگ از پیش‌نویس تهیه شده است: چیزی امضا یا ارسال نشده است.
letter-digest = چکیدهٔ سرآیند امضاشده (SHA-256)
letter-check = مربع این متن را دارد؛ فرمان { $command } نشان می‌دهد که آیا گواهی از آنِ همین مرسوله است.
letter-page = صفحهٔ { $page } از { $pages }

## The receipt.

letter-receipt-events = آنچه امضا شده است
letter-receipt-event = رویداد
letter-receipt-issuer = امضاکننده
letter-receipt-time = زمان (UTC)
letter-receipt-entry = ردیف
letter-receipt-cause = علت
letter-receipt-none = هنوز هیچ
letter-receipt-log = دفتر ثبت
letter-receipt-size = اندازهٔ دفتر
letter-receipt-root = هش ریشهٔ دفتر
letter-receipt-proof = جایگاه در دفتر
letter-receipt-state = اجزا
letter-receipt-objects = { $count } جزء مهروموم، { $bytes } بایت

## Dates and times.

letter-date-gregorian = { $day } { $month } { $year } میلادی
letter-date-gregorian-month = { $month } { $year } میلادی
letter-date-gregorian-year = { $year } میلادی
letter-date-solar = { $day } { $month } { $year }
letter-date-solar-month = { $month } { $year }
letter-date-solar-year = { $year }
letter-date-as-written = به صورت اصلی: { $date }
letter-date-about = حدود { $date }
letter-date-time = { $date }، ساعت { $time } ({ $offset })
letter-from-to = از { $begins } تا { $ends }
letter-from-on = از { $begins }
letter-until = تا { $ends }
letter-month-1 = ژانویهٔ
letter-month-2 = فوریهٔ
letter-month-3 = مارس
letter-month-4 = آوریل
letter-month-5 = مه
letter-month-6 = ژوئن
letter-month-7 = ژوئیهٔ
letter-month-8 = اوت
letter-month-9 = سپتامبر
letter-month-10 = اکتبر
letter-month-11 = نوامبر
letter-month-12 = دسامبر
letter-solar-1 = فروردین
letter-solar-2 = اردیبهشت
letter-solar-3 = خرداد
letter-solar-4 = تیر
letter-solar-5 = مرداد
letter-solar-6 = شهریور
letter-solar-7 = مهر
letter-solar-8 = آبان
letter-solar-9 = آذر
letter-solar-10 = دی
letter-solar-11 = بهمن
letter-solar-12 = اسفند

## One of several, by its number.

letter-one-Person = شخص { $n }
letter-one-Organization = شخص حقوقی { $n }
letter-one-Offence = جرم { $n }
letter-one-Assistance = بند { $n }
letter-one-CourtDecision = تصمیم { $n }
letter-one-Confiscation_Property = مال { $n }
letter-one-JointOperation_Member = مرجع { $n }
letter-one-JointOperation_Task = وظیفهٔ { $n }
letter-one-PrecursorAlert_Party = طرف { $n }
letter-one-ExecutedItem = نتیجهٔ { $n }
letter-one-PartialExecution_Outstanding = مورد باقی‌ماندهٔ { $n }
letter-one-Refusal_Reason = دلیل { $n }
letter-one-InformationRequest_Question = پرسش { $n }
letter-one-InformationResponse_Answer = پاسخ { $n }
letter-one-Amendment_Change = تغییر { $n }
letter-one-Substance = مادهٔ { $n }
letter-one-CulturalObject = شیء { $n }
letter-one-Conveyance = وسیلهٔ حمل { $n }
letter-one-Transfer = انتقال { $n }
