## RequestFile

field-RequestFile-recipient = گیرنده (شناسه مرجع)
field-RequestFile-kind = نوع
field-RequestFile-urgency = فوریت
field-RequestFile-expires = پایان اعتبار
field-RequestFile-case = پرونده (شناسه)
field-RequestFile-in_reply_to = بسته‌ای که به آن پاسخ داده می‌شود
field-RequestFile-replaces = بسته ردشده‌ای که این جایگزین آن است
field-RequestFile-request = درخواست
field-RequestFile-attachments = پیوست‌ها

## AttachmentFile

field-AttachmentFile-path = مسیر فایل
field-AttachmentFile-name = نامی که گیرنده می‌بیند
field-AttachmentFile-media_type = نوع فایل (MIME)
field-AttachmentFile-language = زبان
field-AttachmentFile-translation_of = ترجمه پیوست (شماره)

## Request

field-Request-schema = نسخه طرح‌واره
field-Request-sender_reference = شماره پرونده نزد فرستنده
field-Request-recipient_reference = شماره پرونده نزد گیرنده
field-Request-wanted_by = مهلت پیشنهادی
field-Request-language = زبان متن
field-Request-handling = نحوه رفتار با محتوا
field-Request-urgency_reason = دلایل فوریت
field-Request-oral_request = درخواست شفاهی که تأیید می‌شود
field-Request-legal_basis = مبنای حقوقی
field-Request-offences = جرائم
field-Request-attachments = پیوست‌ها
field-Request-authority = مرجع فرستنده
field-Request-linked_packets = بسته‌های مرتبط از پرونده‌های دیگر
field-Request-mutual_legal_assistance = معاضدت حقوقی متقابل
field-Request-confiscation = مصادره
field-Request-extradition = استرداد مجرمین
field-Request-provisional_arrest = بازداشت موقت
field-Request-transfer_sentenced_person = انتقال محکوم
# for review
field-Request-transfer_of_proceedings = انتقال رسیدگی‌های کیفری
# for review
field-Request-spontaneous_information = اطلاعات ارسالی بدون درخواست قبلی
# for review
field-Request-financial_intelligence = اطلاعات مالی
field-Request-joint_operation = عملیات مشترک
field-Request-border_alert = هشدار مرزی
# for review
field-Request-precursor_alert = هشدار پیش‌سازها
field-Request-technical_assistance = کمک فنی
field-Request-execution = اجرای درخواست
field-Request-partial_execution = اجرای بخشی از درخواست
field-Request-refusal = رد درخواست
field-Request-postponement = تعویق معاضدت
field-Request-consultation = مشورت
field-Request-information_request = درخواست اطلاعات تکمیلی
field-Request-information_response = اطلاعات تکمیلی
field-Request-progress = گزارش پیشرفت اجرای درخواست
field-Request-confidentiality_notice = اطلاعیه درباره محرمانگی
field-Request-consent_to_use = موافقت با استفاده
field-Request-amendment = اصلاح درخواست
field-Request-withdrawal = پس‌گرفتن درخواست
field-Request-closing = مختومه‌کردن پرونده

## WantedBy

field-WantedBy-date = مهلت
field-WantedBy-reason = دلایل مهلت

## Handling

field-Handling-tlp = نشان TLP
field-Handling-intelligence_only = فقط اطلاعات، نه دلیل
field-Handling-no_dissemination = انتقال به دیگران ممنوع
field-Handling-consented = استفاده مجاز شده
field-Handling-victim_protected = هویت بزه‌دیدگان محافظت‌شده
field-Handling-sealed_fact = وجود و مفاد محرمانه
field-Handling-caveat = محدودیت‌ها یا موافقت به شرح

## OralRequest

field-OralRequest-made_at = زمان طرح درخواست
field-OralRequest-made_by = درخواست‌کننده
field-OralRequest-taken_by = دریافت‌کننده
field-OralRequest-means = شیوه طرح درخواست

## LegalBasis

field-LegalBasis-instrument = معاهده یا مبنای دیگر
field-LegalBasis-article = ماده و بند
field-LegalBasis-name = عنوان معاهده یا قانون

## Attachment

field-Attachment-name = نام فایل
field-Attachment-media_type = نوع فایل (MIME)
field-Attachment-size = اندازه به بایت
field-Attachment-sha256 = چکیده SHA-256
field-Attachment-language = زبان
field-Attachment-translation_of = ترجمه پیوست (شماره)

## Date

field-Date-iso = تاریخ (میلادی)
field-Date-calendar = گاه‌شماری متن اصلی
field-Date-as_written = چنان‌که نوشته شده
field-Date-precision = دقت

## Moment

field-Moment-time = تاریخ و ساعت
field-Moment-as_written = چنان‌که نوشته شده
field-Moment-calendar = گاه‌شماری متن اصلی

## Period

field-Period-begins = از
field-Period-ends = تا

## TimeWindow

field-TimeWindow-begins = از
field-TimeWindow-ends = تا

## Place

field-Place-name = نام محل
field-Place-address = نشانی
field-Place-locality = شهر یا آبادی
field-Place-region = استان یا منطقه
field-Place-state = دولت
field-Place-latitude = عرض جغرافیایی
field-Place-longitude = طول جغرافیایی
field-Place-identifiers = شماره‌های شناسایی

## Identifier

field-Identifier-scheme = نوع شماره
field-Identifier-value = شماره
field-Identifier-issuer = صادرکننده
field-Identifier-expires = معتبر تا

## Amount

field-Amount-currency = ارز
field-Amount-value = مبلغ

## Transliteration

field-Transliteration-text = نویسه‌گردانی
field-Transliteration-scheme = نظام یا منبع املا

## PersonName

field-PersonName-text = نام به خط اصلی
field-PersonName-language = زبان نام
field-PersonName-script = خط
field-PersonName-transliterations = نویسه‌گردانی‌ها
field-PersonName-aliases = نام‌های دیگر
field-PersonName-father_name = نام پدر
field-PersonName-mother_name = نام مادر

## Person

field-Person-names = نام‌ها
field-Person-birth_date = تاریخ تولد
field-Person-birth_place = محل تولد
field-Person-nationalities = تابعیت
field-Person-location = محل حضور
field-Person-identifiers = مدارک و شماره‌های هویت
field-Person-sex = جنسیت
field-Person-role = سمت در پرونده
field-Person-description = مشخصات ظاهری
field-Person-connection = ارتباط با پرونده
field-Person-identity_withheld = هویت عمداً ذکر نشده

## OrganizationName

field-OrganizationName-text = نام به خط اصلی
field-OrganizationName-language = زبان نام
field-OrganizationName-script = خط
field-OrganizationName-transliterations = نویسه‌گردانی‌ها
field-OrganizationName-aliases = نام‌های دیگر

## Organization

field-Organization-names = نام‌ها
field-Organization-legal_form = شکل حقوقی
field-Organization-state = دولت محل ثبت
field-Organization-location = محل فعالیت
field-Organization-identifiers = شماره‌های ثبت و مانند آن
field-Organization-people = مدیران و مالکان (شماره‌ها)
field-Organization-connection = ارتباط با پرونده

## Contact

field-Contact-name = شخص رابط
field-Contact-post = سمت
field-Contact-telephone = تلفن
field-Contact-email = رایانامه
field-Contact-address = نشانی
field-Contact-languages = زبان‌های ارتباط
field-Contact-round_the_clock = دسترسی شبانه‌روزی

## Authority

field-Authority-name = نام مرجع
field-Authority-function = وظایف مرجع
field-Authority-contact = اطلاعات تماس
field-Authority-state = دولت

## Account

field-Account-number = شماره حساب
field-Account-institution = مؤسسه مالی
field-Account-branch = شعبه
field-Account-holder = صاحب حساب
field-Account-currency = ارز

## Transfer

field-Transfer-date = تاریخ انتقال
field-Transfer-payer = حساب پرداخت‌کننده
field-Transfer-payee = حساب دریافت‌کننده
field-Transfer-amount = مبلغ
field-Transfer-remark = شرح انتقال

## Substance

field-Substance-name = ماده
field-Substance-cas_number = شماره CAS
field-Substance-mass_grams = جرم به گرم
field-Substance-volume_millilitres = حجم به میلی‌لیتر
field-Substance-purity_percent = خلوص به درصد
field-Substance-hs_code = کد نظام هماهنگ‌شده
field-Substance-listing = درج در فهرست کنوانسیون‌ها
field-Substance-packaging = بسته‌بندی

## CulturalObject

field-CulturalObject-title = عنوان
field-CulturalObject-category = نوع شیء
field-CulturalObject-materials = مواد و فنون
field-CulturalObject-measurements = اندازه‌ها
field-CulturalObject-inscriptions = کتیبه‌ها و نشان‌ها
field-CulturalObject-distinguishing_features = ویژگی‌های متمایز
field-CulturalObject-date_or_period = تاریخ یا دوره
field-CulturalObject-maker = سازنده
field-CulturalObject-origin = محل اصلی
field-CulturalObject-value = ارزش
field-CulturalObject-photographs = عکس‌ها (شماره پیوست‌ها)
field-CulturalObject-identifiers = شماره‌های اموال و مانند آن

## Conveyance

field-Conveyance-form = نوع وسیله نقلیه
field-Conveyance-registration = نشان یا شماره ثبت
field-Conveyance-state = دولت ثبت یا پرچم
field-Conveyance-name = نام
field-Conveyance-description = شرح
field-Conveyance-identifiers = شماره‌های شناسایی

## Offence

field-Offence-code = جرم
field-Offence-title = عنوان مجرمانه در قانون داخلی
field-Offence-provision = قانون و ماده
field-Offence-text = متن مقرره
field-Offence-penalty = متن مجازات
field-Offence-committed = زمان ارتکاب
field-Offence-prescribed_on = تاریخ مرور زمان

## CourtDecision

field-CourtDecision-form = نوع تصمیم
field-CourtDecision-issued_by = مرجع صادرکننده
field-CourtDecision-date = تاریخ تصمیم
field-CourtDecision-reference = شماره تصمیم
field-CourtDecision-operative_part = مفاد حکم
field-CourtDecision-is_final = غیرقابل تجدیدنظر عادی
field-CourtDecision-in_absentia = صادرشده به‌طور غیابی
field-CourtDecision-copy = رونوشت قانوناً پذیرفتنی (پیوست)

## Proceeding

field-Proceeding-subject_matter = موضوع
field-Proceeding-nature = ماهیت رسیدگی
field-Proceeding-conducted_by = مرجع رسیدگی‌کننده
field-Proceeding-reference = شماره پرونده آن

## Facts

field-Facts-summary = خلاصه وقایع مربوط
field-Facts-period = زمان وقایع
field-Facts-places = محل‌ها
field-Facts-amounts = مبالغ
field-Facts-accounts = حساب‌ها
field-Facts-substances = مواد
field-Facts-cultural_objects = اموال فرهنگی
field-Facts-conveyances = وسایل نقلیه و کانتینرها

## Matter

field-Matter-proceeding = تحقیقات، تعقیب یا رسیدگی قضایی
field-Matter-facts = وقایع مربوط
field-Matter-charges = جرائم انتسابی
field-Matter-persons = اشخاص مربوط
field-Matter-organizations = سازمان‌های مربوط
field-Matter-purpose = هدف از درخواست
## MutualLegalAssistance

field-MutualLegalAssistance-matter = موضوع پرونده
field-MutualLegalAssistance-assistance = معاضدت درخواستی
field-MutualLegalAssistance-attendance = حضور مقامات درخواست‌کننده
field-MutualLegalAssistance-costs = هزینه‌های پیش‌بینی‌شده

## Assistance

field-Assistance-code = نوع معاضدت
field-Assistance-description = شرح معاضدت درخواستی
field-Assistance-procedure = تشریفات خاصی که باید رعایت شود
field-Assistance-persons = اشخاص مربوط (شماره‌ها)
field-Assistance-organizations = سازمان‌های مربوط (شماره‌ها)
field-Assistance-places = محل‌های مربوط
field-Assistance-decision = تصمیم مبنای آن
field-Assistance-hearing = اخذ شهادت یا استماع
field-Assistance-service = ابلاغ اوراق
field-Assistance-records = اسناد و سوابق
field-Assistance-search = تفتیش، توقیف یا مسدودکردن
field-Assistance-custody = انتقال شخص بازداشتی
field-Assistance-data = حفظ یا ارائه داده‌ها
# for review
field-Assistance-delivery = تحویل تحت نظارت

## Assistance.Hearing

field-Assistance_Hearing-questions = پرسش‌هایی که باید مطرح شود
field-Assistance_Hearing-solemn_form = سوگند یا شکل رسمی
field-Assistance_Hearing-cautions = حقوق و تکالیفی که باید تفهیم شود
field-Assistance_Hearing-proposed = زمان پیشنهادی
field-Assistance_Hearing-technical_needs = نیازهای فنی جلسه

## Assistance.Service

field-Assistance_Service-document = سند موضوع ابلاغ
field-Assistance_Service-attachments = پیوست‌ها (شماره‌ها)
field-Assistance_Service-appear_at = محل حضور
field-Assistance_Service-appear_on = زمان حضور
field-Assistance_Service-serve_by = مهلت ابلاغ
# for review
field-Assistance_Service-safe_conduct = تأمین عبور و مصونیت
field-Assistance_Service-personal = ابلاغ واقعی به شخص لازم است

## Assistance.Records

field-Assistance_Records-holder = دارنده اسناد
field-Assistance_Records-accounts = حساب‌ها
field-Assistance_Records-period = بازه زمانی مربوط
field-Assistance_Records-wanted = اسناد درخواستی
field-Assistance_Records-certification = شکل گواهی

## Assistance.Search

field-Assistance_Search-items = اشیای موضوع تفتیش یا توقیف
field-Assistance_Search-accounts = حساب‌های موضوع توقیف یا مسدودکردن
field-Assistance_Search-values = مبالغ موضوع توقیف یا مسدودکردن

## Assistance.Custody

field-Assistance_Custody-consented_on = تاریخ رضایت شخص
field-Assistance_Custody-period = مدت انتقال
field-Assistance_Custody-arrangements = نگهداری در بازداشت و بازگرداندن

## Assistance.Data

field-Assistance_Data-provider = ارائه‌دهنده خدمات
field-Assistance_Data-identifiers = حساب‌های کاربری، شماره‌ها و نشانی‌ها
field-Assistance_Data-window = بازه زمانی داده‌ها
field-Assistance_Data-categories = دسته‌های داده

## Assistance.Delivery

field-Assistance_Delivery-route = مسیر
field-Assistance_Delivery-window = زمان تحویل
field-Assistance_Delivery-conveyances = وسایل نقلیه و کانتینرها
field-Assistance_Delivery-substances = مواد
field-Assistance_Delivery-method = روش تحویل

## Confiscation

field-Confiscation-matter = موضوع پرونده
field-Confiscation-property = اموال موضوع مصادره
field-Confiscation-domestic_order = دستوری که باید صادر شود
field-Confiscation-enforce_order = دستوری که باید اجرا شود
field-Confiscation-freeze = ردیابی، مسدودکردن یا توقیف
field-Confiscation-disposal = بازگرداندن، تعیین تکلیف و تسهیم

## Confiscation.Property

field-Confiscation_Property-description = شرح مال
field-Confiscation_Property-location = محل مال
field-Confiscation_Property-estimated_value = ارزش برآوردی
field-Confiscation_Property-account = حساب
field-Confiscation_Property-holder = دارنده مال
field-Confiscation_Property-link = ارتباط با جرم

## Confiscation.DomesticOrder

field-Confiscation_DomesticOrder-grounds = وقایع مورد استناد

## Confiscation.EnforceOrder

field-Confiscation_EnforceOrder-order = دستور مصادره
field-Confiscation_EnforceOrder-grounds = وقایع مورد استناد
field-Confiscation_EnforceOrder-extent = میزان اجرای درخواستی
field-Confiscation_EnforceOrder-extent_value = مبلغ موضوع اجرا
field-Confiscation_EnforceOrder-bona_fide_measures = اطلاع به اشخاص ثالث با حسن نیت
field-Confiscation_EnforceOrder-due_process = رعایت تشریفات قانونی
field-Confiscation_EnforceOrder-finality = قطعیت دستور

## Confiscation.Freeze

field-Confiscation_Freeze-grounds = وقایع مورد استناد
field-Confiscation_Freeze-actions = اقدامات درخواستی
field-Confiscation_Freeze-order = دستور مبنای درخواست
field-Confiscation_Freeze-period = مدت اقدامات

## Extradition

field-Extradition-matter = موضوع پرونده
field-Extradition-person = شخص مورد درخواست
field-Extradition-aim = هدف استرداد
field-Extradition-decisions = قرارهای بازداشت و احکام
field-Extradition-remaining_sentence = باقی‌مانده مجازات
field-Extradition-assurances = تضمین‌های داده‌شده
field-Extradition-surrender = چگونگی و محل تحویل

## ProvisionalArrest

field-ProvisionalArrest-matter = موضوع پرونده
field-ProvisionalArrest-person = شخص مورد درخواست
field-ProvisionalArrest-decision = قرار بازداشت یا حکم
field-ProvisionalArrest-reason = دلایل فوریت
field-ProvisionalArrest-extradition_follows = درخواست استرداد در پی خواهد آمد
field-ProvisionalArrest-within_days = شمار روزها تا آن زمان
field-ProvisionalArrest-remaining_sentence = باقی‌مانده مجازات

## TransferSentencedPerson

field-TransferSentencedPerson-matter = موضوع پرونده
field-TransferSentencedPerson-person = شخص محکوم
field-TransferSentencedPerson-judgment = حکم
field-TransferSentencedPerson-sentence = مجازات تعیین‌شده
field-TransferSentencedPerson-served_from = آغاز تحمل مجازات
field-TransferSentencedPerson-ends_on = پایان مجازات
field-TransferSentencedPerson-initiative = پیشنهاددهنده
field-TransferSentencedPerson-consented_on = تاریخ رضایت شخص
field-TransferSentencedPerson-ties = پیوندها: خانواده، خانه، زبان
field-TransferSentencedPerson-health = وضع سلامت

## TransferOfProceedings

field-TransferOfProceedings-matter = موضوع پرونده
field-TransferOfProceedings-reason = مصلحت اجرای صحیح عدالت
field-TransferOfProceedings-gathered = ادله و اقدامات تاکنون
field-TransferOfProceedings-file = اوراق پرونده (شماره پیوست‌ها)
field-TransferOfProceedings-stayed = رسیدگی فرستنده متوقف شده
field-TransferOfProceedings-views = نظر بزه‌دیدگان و متهم

## SpontaneousInformation

field-SpontaneousInformation-information = اطلاعات
field-SpontaneousInformation-relevance = سودمندی برای گیرنده
field-SpontaneousInformation-persons = اشخاص مربوط
field-SpontaneousInformation-organizations = سازمان‌های مربوط
field-SpontaneousInformation-accounts = حساب‌ها
field-SpontaneousInformation-restrictions = محدودیت‌های استفاده
field-SpontaneousInformation-restricted_until = محدودیت‌ها معتبر تا

## FinancialIntelligence

field-FinancialIntelligence-mode = استعلام، پاسخ یا افشا
field-FinancialIntelligence-persons = اشخاص (موضوع اطلاعات)
field-FinancialIntelligence-organizations = سازمان‌ها (موضوع اطلاعات)
field-FinancialIntelligence-accounts = حساب‌ها
field-FinancialIntelligence-suspicion = ظن ارتکاب جرم
field-FinancialIntelligence-link = ارتباط با دولت گیرنده
field-FinancialIntelligence-purpose = هدف از استفاده
field-FinancialIntelligence-onward = موافقت با انتقال به دیگران
field-FinancialIntelligence-conditions = شرایط استفاده
field-FinancialIntelligence-sought = اطلاعات درخواستی
field-FinancialIntelligence-transfers = انتقال‌ها
field-FinancialIntelligence-transfer_count = شمار انتقال‌ها
field-FinancialIntelligence-transfer_total = جمع انتقال‌ها
field-FinancialIntelligence-period = بازه زمانی مربوط

## JointOperation

field-JointOperation-objective = هدف
field-JointOperation-members = مراجع شرکت‌کننده
field-JointOperation-window = زمان عملیات
field-JointOperation-area = منطقه عملیات
field-JointOperation-tasks = وظایف
field-JointOperation-persons = اشخاص مربوط
field-JointOperation-organizations = سازمان‌های مربوط
field-JointOperation-substances = مواد
field-JointOperation-conveyances = وسایل نقلیه و کانتینرها
field-JointOperation-powers = اختیارات و قانون حاکم
field-JointOperation-communication = ارتباط میان اعضا

## JointOperation.Member

field-JointOperation_Member-authority = مرجع
field-JointOperation_Member-leads = راهبر عملیات
field-JointOperation_Member-contacts = رابطان

## JointOperation.Task

field-JointOperation_Task-description = شرح وظیفه
field-JointOperation_Task-member = عضو مسئول (شماره)
field-JointOperation_Task-window = زمان انجام
field-JointOperation_Task-place = محل انجام

## BorderAlert

field-BorderAlert-crossing = گذرگاه مرزی
field-BorderAlert-expected_at = زمان مورد انتظار عبور
field-BorderAlert-direction = جهت عبور
field-BorderAlert-persons = اشخاص مربوط
field-BorderAlert-conveyances = وسایل نقلیه و کانتینرها
field-BorderAlert-substances = مواد
field-BorderAlert-goods = کالا یا اشیای دیگر
field-BorderAlert-actions = اقدامات درخواستی
field-BorderAlert-reason = دلایل هشدار
field-BorderAlert-expires_at = بی‌اعتباری هشدار پس از
field-BorderAlert-contact = رابط هشدار

## PrecursorAlert

# for review
field-PrecursorAlert-substances = پیش‌سازها و مواد دیگر
field-PrecursorAlert-parties = طرف‌های محموله
field-PrecursorAlert-route = مسیر محموله
field-PrecursorAlert-departs = تاریخ حرکت
field-PrecursorAlert-arrives = تاریخ رسیدن
field-PrecursorAlert-conveyances = وسایل نقلیه و کانتینرها
field-PrecursorAlert-papers = مجوزها و اسناد تجاری
# for review
field-PrecursorAlert-reason = دلایل ظن به انحراف
field-PrecursorAlert-actions = اقدامات درخواستی

## PrecursorAlert.Party

field-PrecursorAlert_Party-part = نقش در محموله
field-PrecursorAlert_Party-organization = سازمان
field-PrecursorAlert_Party-person = شخص حقیقی

## TechnicalAssistance

field-TechnicalAssistance-subtype = نوع کمک
field-TechnicalAssistance-need = نیاز
field-TechnicalAssistance-priority = اولویت
field-TechnicalAssistance-beneficiary = بهره‌مند
field-TechnicalAssistance-outcome = نتیجه مورد انتظار
field-TechnicalAssistance-period = بازه زمانی
field-TechnicalAssistance-budget = بودجه
field-TechnicalAssistance-participants = شمار شرکت‌کنندگان
field-TechnicalAssistance-is_offer = پیشنهاد، نه درخواست

## ExecutedItem

field-ExecutedItem-item = بند درخواست (شماره)
field-ExecutedItem-description = آنچه انجام شد
field-ExecutedItem-attachments = پیوست‌ها (شماره‌ها)
field-ExecutedItem-procedure = تشریفات رعایت‌شده
field-ExecutedItem-done_on = تاریخ انجام
field-ExecutedItem-done_by = مرجع اجراکننده
field-ExecutedItem-certification = مهر، امضا و گواهی

## Execution

field-Execution-results = نتایج اجرا
field-Execution-conditions = شرایط استفاده
field-Execution-to_return = اصول اسنادی که باید بازگردد
field-Execution-costs = هزینه‌های غیرعادی
field-Execution-remarks = ملاحظات

## PartialExecution

field-PartialExecution-results = نتایج اجرا
field-PartialExecution-outstanding = بندهای باقی‌مانده
field-PartialExecution-conditions = شرایط استفاده
field-PartialExecution-remarks = ملاحظات

## PartialExecution.Outstanding

field-PartialExecution_Outstanding-item = بند درخواست (شماره)
field-PartialExecution_Outstanding-reason = دلایل انجام‌نشدن
field-PartialExecution_Outstanding-expected = تاریخ مورد انتظار
field-PartialExecution_Outstanding-refused = ردشده
field-PartialExecution_Outstanding-ground = دلیل رد

## Refusal

field-Refusal-reasons = دلایل رد
field-Refusal-items = بندهای ردشده (شماره‌ها)
field-Refusal-consulted_on = تاریخ مشورت
field-Refusal-consultation = مشورت پیشنهادشده یا انجام‌شده
field-Refusal-remedy = آنچه معاضدت را ممکن می‌کند

## Refusal.Reason

field-Refusal_Reason-ground = دلیل رد
field-Refusal_Reason-text = شرح دلایل
field-Refusal_Reason-provision = مقرره قانونی

## Postponement

field-Postponement-reason = دلایل تعویق
field-Postponement-review_on = تاریخ بازبینی
field-Postponement-items = بندهای به‌تعویق‌افتاده (شماره‌ها)
field-Postponement-consulted_on = تاریخ مشورت
field-Postponement-terms_offered = شرایط معاضدت فوری

## Consultation

field-Consultation-intent = موضوع مشورت
field-Consultation-explanation = توضیح
field-Consultation-ground = دلیل رد
field-Consultation-terms = شرایط و ضوابط
field-Consultation-reply_by = مهلت پاسخ
field-Consultation-meeting = زمان پیشنهادی جلسه

## InformationRequest

field-InformationRequest-questions = پرسش‌ها
field-InformationRequest-reply_by = مهلت پاسخ
field-InformationRequest-execution_waits = اجرا منوط به پاسخ است

## InformationRequest.Question

field-InformationRequest_Question-text = پرسش
field-InformationRequest_Question-item = جزء ماده (حرف)
field-InformationRequest_Question-reason = علت پرسش

## InformationResponse

field-InformationResponse-answers = پاسخ‌ها
field-InformationResponse-supplement = تکمیل موضوع پرونده

## InformationResponse.Answer

field-InformationResponse_Answer-question = پرسش مربوط (شماره)
field-InformationResponse_Answer-text = پاسخ
field-InformationResponse_Answer-attachments = پیوست‌ها (شماره‌ها)
field-InformationResponse_Answer-unavailable = علت ناممکن‌بودن پاسخ

## Progress

field-Progress-report = پیشرفت کار
field-Progress-done = بندهای انجام‌شده (شماره‌ها)
field-Progress-expected = تاریخ پیش‌بینی‌شده پایان
field-Progress-next_report = تاریخ گزارش بعدی
field-Progress-obstacle = موانع

## ConfidentialityNotice

field-ConfidentialityNotice-notice = موضوع اطلاعیه
field-ConfidentialityNotice-explanation = توضیح
field-ConfidentialityNotice-disclosed = آنچه افشا می‌شود
field-ConfidentialityNotice-disclosed_to = افشا به
field-ConfidentialityNotice-disclosed_on = تاریخ افشا
field-ConfidentialityNotice-asks_to_proceed = پرسش درباره ادامه اجرا با این حال
field-ConfidentialityNotice-reply_by = مهلت پاسخ

## ConsentToUse

field-ConsentToUse-step = موافقت درخواستی یا اعلام‌شده
field-ConsentToUse-material = مطالب مربوط
field-ConsentToUse-packets = بسته‌های مربوط (شناسه‌ها)
field-ConsentToUse-proceeding = رسیدگی دیگر
field-ConsentToUse-intended_use = استفاده مورد نظر
field-ConsentToUse-recipients = گیرندگان بعدی
field-ConsentToUse-conditions = شرایط استفاده
field-ConsentToUse-reason = دلایل

## Amendment

field-Amendment-reason = دلایل اصلاح
field-Amendment-changes = تغییرات
field-Amendment-matter = موضوع پرونده پس از اصلاح
field-Amendment-assistance = معاضدت تکمیلی درخواستی
field-Amendment-dropped = بندهای منتفی (شماره‌ها)

## Amendment.Change

field-Amendment_Change-what = آنچه تغییر می‌کند
field-Amendment_Change-before = پیش از اصلاح
field-Amendment_Change-after = پس از اصلاح

## Withdrawal

field-Withdrawal-reason = دلایل پس‌گرفتن
field-Withdrawal-material = مطالب گردآوری‌شده

## Closing

field-Closing-result = نتیجه
field-Closing-use_made = بهره‌گیری از معاضدت
field-Closing-material = اصل‌ها و رونوشت‌ها
field-Closing-remarks = ملاحظات
