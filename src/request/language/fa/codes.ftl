### The treaties have no authentic Persian version: terms are those of translations in Iranian law, as far as known;
### "for review" stands over those that are unsure.

## Kinds of packet (Kind.Code): titles of UNTOC 16 to 21, UNCAC 44 to 50, 1988 6 to 8 where there is one.

kind-mutual_legal_assistance = معاضدت حقوقی متقابل
kind-confiscation = مصادره
kind-extradition = استرداد مجرمین
kind-provisional_arrest = بازداشت موقت
kind-transfer_sentenced_person = انتقال محکوم
# for review
kind-transfer_of_proceedings = انتقال رسیدگی‌های کیفری
# for review
kind-spontaneous_information = اطلاعات ارسالی بدون درخواست قبلی
# for review
kind-financial_intelligence = اطلاعات مالی
kind-joint_operation = عملیات مشترک
kind-border_alert = هشدار مرزی
# for review
kind-precursor_alert = هشدار پیش‌سازها
kind-technical_assistance = کمک فنی
kind-execution = اجرای درخواست
kind-partial_execution = اجرای بخشی از درخواست
kind-refusal = رد درخواست
kind-postponement = تعویق معاضدت
kind-consultation = مشورت
kind-information_request = درخواست اطلاعات تکمیلی
kind-information_response = اطلاعات تکمیلی
kind-progress = گزارش پیشرفت اجرای درخواست
kind-confidentiality_notice = اطلاعیه درباره محرمانگی
kind-consent_to_use = موافقت با استفاده
kind-amendment = اصلاح درخواست
kind-withdrawal = پس‌گرفتن درخواست
kind-closing = مختومه‌کردن پرونده

## Urgency (Urgency.Code), of a request.

urgency-routine = عادی
urgency-priority = دارای اولویت
urgency-urgent = فوری
urgency-oral_confirmed = درخواست شفاهی که کتباً تأیید شده است

## Status of a case (Status.Code), said of the request.

status-registered = ثبت‌شده
status-returned = برگشت‌داده‌شده به علت نقص
status-information_needed = نیازمند اطلاعات تکمیلی
status-information_given = اطلاعات تکمیلی ارائه‌شده
status-accepted = پذیرفته‌شده برای اجرا
status-consultation = در حال مشورت
status-postponed = به تعویق افتاده
status-refused = ردشده
status-partly_executed = تا حدی اجراشده
status-executed = اجراشده
status-withdrawn = پس‌گرفته‌شده
status-closed = مختومه

## Grounds of refusal (Status.Ground): UNTOC 18(21), 18(9), 18(25), 16; UNCAC 46(21), 46(9); 1988 7(15).

ground-not_in_conformity = عدم انطباق درخواست با مفاد معاهده
ground-sovereignty_security = لطمه به حاکمیت، امنیت، نظم عمومی یا سایر منافع اساسی
ground-domestic_law_prohibits = منع اقدام درخواستی در قانون داخلی نسبت به جرم مشابه
ground-contrary_to_legal_system = مغایرت با نظام حقوقی در زمینه معاضدت حقوقی متقابل
# for review
ground-dual_criminality = فقدان مجرمیت متقابل
# for review
ground-de_minimis = ناچیزبودن موضوع
ground-ongoing_proceedings = اخلال در تحقیقات، تعقیب یا رسیدگی قضایی در جریان
ground-nationality = تابعیت شخص مورد درخواست
ground-prescription = مرور زمان
# for review
ground-double_jeopardy = منع محاکمه مجدد
ground-discrimination = تعقیب یا مجازات تبعیض‌آمیز
ground-political_offence = جرم سیاسی
ground-military_offence = جرم نظامی
ground-torture_risk = خطر شکنجه یا رفتار بی‌رحمانه، غیرانسانی یا تحقیرآمیز
ground-other_ground = دلیل دیگر
ground-bank_secrecy = رازداری بانکی
# for review
ground-fiscal_matters = مسائل مالیاتی

## Legal basis (LegalBasis.Instrument), by the treaties' own titles.

instrument-untoc = کنوانسیون سازمان ملل متحد برای مبارزه با جرائم سازمان‌یافته فراملی
instrument-uncac = کنوانسیون سازمان ملل متحد برای مبارزه با فساد
instrument-convention_1988 = کنوانسیون سازمان ملل متحد برای مبارزه با قاچاق مواد مخدر و داروهای روان‌گردان (۱۹۸۸)
instrument-bilateral = معاهده دوجانبه
instrument-regional = معاهده منطقه‌ای
instrument-reciprocity = عمل متقابل
instrument-domestic_law = قانون داخلی

## Assistance (Assistance.Code): the items of UNTOC 18(3) and UNCAC 46(3), and what other paragraphs add.

assistance-evidence_or_statements = اخذ شهادت یا اظهارات از اشخاص
assistance-service_of_documents = ابلاغ اوراق قضایی
assistance-search_or_seizure = انجام تفتیش و توقیف
# for review
assistance-freezing = مسدودکردن اموال
assistance-objects_or_sites = معاینه اشیا و اماکن
assistance-information_or_items = ارائه اطلاعات و ادله
assistance-expert_evaluation = ارزیابی کارشناسی
assistance-documents_and_records = اصل یا رونوشت مصدق اسناد و سوابق
assistance-tracing_proceeds = شناسایی یا ردیابی عواید جرم، اموال یا ابزار برای تحصیل دلیل
assistance-voluntary_appearance = تسهیل حضور داوطلبانه اشخاص
assistance-other = معاضدت دیگری که مغایر قانون داخلی نباشد
assistance-proceeds_identification = شناسایی، مسدودکردن و ردیابی عواید جرم
assistance-asset_recovery = استرداد دارایی‌ها
assistance-detained_person_transfer = انتقال شخص بازداشتی یا در حال گذراندن محکومیت
assistance-video_hearing = استماع از طریق ویدئوکنفرانس
assistance-preservation = حفظ داده‌ها
assistance-stored_data = داده‌های ذخیره‌شده
assistance-traffic_data = داده‌های ترافیک
# for review
assistance-controlled_delivery = تحویل تحت نظارت
assistance-joint_investigation = تحقیقات مشترک

## Offences (Offence.Code).

offence-organized_group = مشارکت در گروه مجرمانه سازمان‌یافته
offence-laundering = پول‌شویی (تطهیر عواید جرم)
offence-corruption = فساد
# for review
offence-obstruction = ممانعت از اجرای عدالت
offence-drugs = قاچاق مواد مخدر و داروهای روان‌گردان
# for review
offence-precursors = انحراف پیش‌سازها
offence-trafficking_in_persons = قاچاق اشخاص
offence-smuggling_of_migrants = قاچاق مهاجران
offence-firearms = ساخت و قاچاق غیرقانونی سلاح گرم
offence-cultural_property = قاچاق اموال فرهنگی
offence-cybercrime = جرائم سایبری
offence-piracy = دزدی دریایی
offence-terrorist_financing = تأمین مالی تروریسم
offence-other_serious_crime = جرم شدید دیگر

## Events of transport (Event.Code), after ETSI EN 319 522-1.

# for review
event-submission_acceptance = پذیرش در مبدأ
# for review
event-submission_rejection = رد در مبدأ
# for review
event-relay_acceptance = پذیرش در مقصد
# for review
event-relay_rejection = رد در مقصد
# for review
event-relay_failure = ناکامی در رساندن به مقصد
# for review
event-content_consignment = قرارگرفتن محتوا در دسترس گیرنده
# for review
event-content_consignment_failure = ناکامی در قراردادن محتوا در دسترس گیرنده
# for review
event-content_handover = تحویل محتوا به گیرنده
# for review
event-content_handover_failure = ناکامی در تحویل محتوا به گیرنده

## Causes (Cause.Code), why a gateway refused something or put it off.

cause-malformed = شکل نادرست
cause-suite_unsupported = مجموعه روش‌های رمزنگاری پشتیبانی نمی‌شود
cause-signature_missing = امضا وجود ندارد
cause-signature_invalid = امضا معتبر نیست
cause-key_not_valid = کلید برای این کار معتبر نیست
cause-wrong_recipient = برای گیرنده دیگری است
cause-id_conflict = شناسه برای چیز دیگری به کار رفته است
cause-expired = مهلت به سر رسیده است
cause-too_large = بیش از اندازه بزرگ است
cause-content_key_gone = کلید محتوا دیگر وجود ندارد
cause-key_box_invalid = جعبه کلید معتبر نیست
cause-object_invalid = یکی از اجزا با سرآیند امضاشده مطابقت ندارد
cause-body_malformed = متن خوانده نمی‌شود
cause-body_inconsistent = متن با سرآیند یا پیوست‌ها تناقض دارد
cause-illegal_transition = این اقدام در وضعیت کنونی پرونده مجاز نیست
cause-chain_conflict = با زنجیره وضعیت‌ها تناقض دارد
cause-order_violated = ترتیب رعایت نشده است
# for review
cause-pairing_ended = پیوند دو مرجع پایان یافته است
cause-kind_not_taken = این نوع درخواست پذیرفته نمی‌شود
cause-language_not_taken = زبان پذیرفته نمی‌شود
cause-content_deficient = محتوا بر پایه معاهده نقص دارد
cause-busy = مشغول
cause-storage_full = فضای ذخیره‌سازی پر است
cause-key_unknown = کلید هنوز شناخته نیست
cause-predecessor_missing = بسته پیشین نرسیده است
cause-clock_ahead = ساعت فرستنده جلو است
cause-status_gap = وضعیت پیشین نرسیده است
cause-objects_incomplete = اجزا کامل نرسیده‌اند
cause-recovering = درگاه در حال بازیابی است
# for review
cause-pairing_suspended = پیوند دو مرجع معلق است
cause-no_answer = پاسخی نرسید

## Traffic Light Protocol 2.0 (Handling.Tlp): the labels stay as they are in every language.

tlp-unmarked = بدون نشان
tlp-clear = TLP:CLEAR
tlp-green = TLP:GREEN
tlp-amber = TLP:AMBER
tlp-amber_strict = TLP:AMBER+STRICT
tlp-red = TLP:RED

## Handling of the content (flags of Handling).

handling-intelligence_only = فقط به‌عنوان اطلاعات، نه به‌عنوان دلیل
handling-no_dissemination = انتقال به دیگران مجاز نیست
handling-consented = استفاده با شرایط ذکرشده مجاز است
handling-victim_protected = هویت بزه‌دیدگان محافظت‌شده است
handling-sealed_fact = وجود و مفاد درخواست محرمانه است

## Calendars (Date.Calendar).

calendar-gregorian = میلادی
calendar-solar_hijri = هجری شمسی
calendar-lunar_hijri = هجری قمری

## How exact a date is (Date.Precision).

precision-day = با دقت روز
precision-month = با دقت ماه
precision-year = با دقت سال
precision-approximate = تقریبی

## Sex of a person (Person.Sex).

sex-female = زن
sex-male = مرد
sex-other_sex = دیگر

## What a person is in the matter (Person.Role).

role-suspect = مظنون
role-accused = متهم
role-convicted = محکوم‌علیه
role-sought = شخص مورد درخواست
role-witness = شاهد
role-expert = کارشناس
role-victim = بزه‌دیده
role-third_party = شخص ثالث
role-addressee = مخاطب ابلاغ
role-other_role = سمت دیگر

## Conveyances (Conveyance.Form).

conveyance-road = وسیله نقلیه جاده‌ای
conveyance-rail = وسیله نقلیه ریلی
conveyance-vessel = کشتی
conveyance-aircraft = هواپیما
conveyance-container = کانتینر

## Listing of a substance (Substance.Listing) under the drug conventions.

listing-table_one = جدول یک کنوانسیون ۱۹۸۸
listing-table_two = جدول دو کنوانسیون ۱۹۸۸
listing-scheduled_drug = مندرج در فهرست‌های کنوانسیون ۱۹۶۱ یا ۱۹۷۱
listing-unlisted = خارج از فهرست‌ها

## Decisions of courts and other authorities (CourtDecision.Form).

decision-arrest_warrant = قرار بازداشت
decision-judgment = حکم دادگاه
decision-confiscation_order = دستور مصادره
decision-freezing_order = دستور مسدودکردن یا توقیف
decision-production_order = دستور ارائه اسناد
decision-search_warrant = دستور تفتیش
decision-indictment = کیفرخواست
decision-other_decision = تصمیم دیگر

## Nature of the proceeding (Proceeding.Nature): item (b) of UNTOC 18(15), UNCAC 46(15), 1988 7(10).

nature-investigation = تحقیقات
nature-prosecution = تعقیب
nature-trial = رسیدگی قضایی
nature-enforcement = اجرای حکم

## Aim of an extradition (Extradition.Aim).

aim-prosecution = تعقیب
aim-sentence = اجرای مجازات

## Who wishes the transfer of a sentenced person (TransferSentencedPerson.Initiative).

initiative-sentencing_state = دولت صادرکننده حکم
initiative-administering_state = دولت اجراکننده حکم
initiative-sentenced_person = شخص محکوم

## Financial intelligence: its mode (FinancialIntelligence.Mode).

mode-inquiry = استعلام
mode-answer = پاسخ به استعلام
mode-disclosure = افشای خودجوش

## Financial intelligence: how far it may be passed on (FinancialIntelligence.Onward).

onward-none = انتقال به دیگران مجاز نیست
onward-on_request = با درخواست، مورد به مورد
onward-as_intelligence = به مراجع صالح، به‌عنوان اطلاعات
onward-as_evidence = به مراجع صالح، به‌عنوان دلیل نیز

## What is asked at a crossing (BorderAlert.Action).

action-notify = اطلاع‌دادن
action-observe = مراقبت نامحسوس
action-check = بازرسی
action-stop = متوقف‌کردن

## Parties to a consignment (PrecursorAlert.Party.Part).

part-exporter = صادرکننده
part-importer = واردکننده
part-consignee = گیرنده محموله
part-broker = واسطه
part-carrier = متصدی حمل‌ونقل
part-manufacturer = تولیدکننده
part-end_user = مصرف‌کننده نهایی

## Technical assistance: what it consists of (TechnicalAssistance.Subtype).

subtype-training = آموزش
subtype-equipment = تجهیزات
subtype-expert_mission = اعزام کارشناس
subtype-legislation = مشاوره در قانون‌گذاری
subtype-knowledge_exchange = تبادل دانش

## Technical assistance: its priority (TechnicalAssistance.Level).

level-low = پایین
level-medium = متوسط
level-high = بالا

## What a consultation is for (Consultation.Intent).

intent-before_refusal = پیش از رد درخواست
intent-before_postponement = پیش از تعویق
intent-on_conditions = درباره شرایط
intent-on_costs = درباره هزینه‌ها
intent-on_jurisdiction = درباره صلاحیت
intent-answer = پاسخ به مشورت
intent-on_other = درباره موضوع دیگر

## Notices about confidentiality (ConfidentialityNotice.Case).

notice-cannot_keep = رعایت محرمانگی درخواستی ممکن نیست
notice-exculpatory = افشای اطلاعات تبرئه‌کننده متهم
notice-compelled = افشا به حکم دادگاه یا قانون
notice-breached = محرمانگی نقض شده است

## Consent to use (ConsentToUse.Step): UNTOC 18(19), UNCAC 46(19), 1988 7(13).

step-asked = موافقت درخواست شده است
step-given = موافقت شده است
step-given_on_conditions = با شرایطی موافقت شده است
step-denied = موافقت نشده است

## How a case ended for its sender (Closing.Result).

result-satisfied = درخواست برآورده شد
result-partly_satisfied = بخشی از درخواست برآورده شد
result-unsatisfied = درخواست برآورده نشد
result-overtaken = درخواست موضوعیت خود را از دست داد

## Why an officer opened content (OpeningPurpose.Code).

purpose-not_said = ذکر نشده
purpose-execution = اجرای درخواست یا استفاده از پاسخ
purpose-review = بازبینی مقام ناظر
purpose-appeal = اعتراض به تصمیم
purpose-audit = ممیزی
purpose-technical = نگهداری درگاه
purpose-other = هدف دیگر

## Why content was destroyed (ErasureReason.Code).

erasure-retention_over = مدت نگهداری به پایان رسیده است
erasure-court_order = به دستور دادگاه یا مرجع دیگر
erasure-request_withdrawn = درخواست پس گرفته شده است
erasure-sent_in_error = به اشتباه فرستاده شده است
erasure-other = علت دیگر
