### Terms of the treaties' own Arabic versions, as far as known; "for review" stands over those that are unsure.

## Kinds of packet (Kind.Code): titles of UNTOC 16 to 21, UNCAC 44 to 50, 1988 6 to 8 where there is one.

kind-mutual_legal_assistance = المساعدة القانونية المتبادلة
kind-confiscation = المصادرة
kind-extradition = تسليم المجرمين
# for review
kind-provisional_arrest = التوقيف المؤقت
kind-transfer_sentenced_person = نقل شخص محكوم عليه
kind-transfer_of_proceedings = نقل الإجراءات الجنائية
kind-spontaneous_information = معلومات محالة دون طلب مسبق
kind-financial_intelligence = المعلومات الاستخبارية المالية
kind-joint_operation = عملية مشتركة
# for review
kind-border_alert = تنبيه حدودي
# for review
kind-precursor_alert = تنبيه بشأن السلائف
kind-technical_assistance = المساعدة التقنية
kind-execution = تنفيذ الطلب
kind-partial_execution = تنفيذ الطلب جزئيا
kind-refusal = رفض الطلب
kind-postponement = تأجيل المساعدة
kind-consultation = تشاور
kind-information_request = طلب معلومات إضافية
kind-information_response = معلومات إضافية
kind-progress = تقرير عن التقدم المحرز
kind-confidentiality_notice = إشعار بشأن السرية
kind-consent_to_use = الموافقة على الاستخدام
kind-amendment = تعديل الطلب
kind-withdrawal = سحب الطلب
kind-closing = إغلاق الملف

## Urgency (Urgency.Code), of a request.

urgency-routine = عادي
urgency-priority = ذو أولوية
urgency-urgent = عاجل
urgency-oral_confirmed = طلب شفوي مؤكَّد كتابةً

## Status of a case (Status.Code), said of the request.

status-registered = مسجَّل
status-returned = مُعاد لنقص فيه
status-information_needed = معلومات إضافية لازمة
status-information_given = معلومات إضافية مقدَّمة
status-accepted = مقبول للتنفيذ
status-consultation = قيد التشاور
status-postponed = مؤجَّل
status-refused = مرفوض
status-partly_executed = منفَّذ جزئيا
status-executed = منفَّذ
status-withdrawn = مسحوب
status-closed = مغلق

## Grounds of refusal (Status.Ground): UNTOC 18(21), 18(9), 18(25), 16; UNCAC 46(21), 46(9); 1988 7(15).

ground-not_in_conformity = الطلب غير مقدَّم وفقا لأحكام المعاهدة
ground-sovereignty_security = المساس بالسيادة أو الأمن أو النظام العام أو المصالح الأساسية الأخرى
ground-domestic_law_prohibits = حظر القانون الداخلي للإجراء المطلوب بشأن جرم مماثل
ground-contrary_to_legal_system = التعارض مع النظام القانوني فيما يتعلق بالمساعدة القانونية المتبادلة
ground-dual_criminality = انتفاء ازدواجية التجريم
ground-de_minimis = أمور تافهة
ground-ongoing_proceedings = التعارض مع تحقيقات أو ملاحقات أو إجراءات قضائية جارية
ground-nationality = جنسية الشخص المطلوب
ground-prescription = التقادم
ground-double_jeopardy = عدم جواز المحاكمة مرتين على الفعل ذاته
ground-discrimination = ملاحقة أو عقوبة ذات دافع تمييزي
ground-political_offence = جرم سياسي
ground-military_offence = جرم عسكري
ground-torture_risk = خطر التعذيب أو المعاملة القاسية أو اللاإنسانية أو المهينة
ground-other_ground = سبب آخر
ground-bank_secrecy = السرية المصرفية
ground-fiscal_matters = مسائل مالية

## Legal basis (LegalBasis.Instrument), by the treaties' own titles.

instrument-untoc = اتفاقية الأمم المتحدة لمكافحة الجريمة المنظمة عبر الوطنية
instrument-uncac = اتفاقية الأمم المتحدة لمكافحة الفساد
instrument-convention_1988 = اتفاقية الأمم المتحدة لمكافحة الاتجار غير المشروع في المخدرات والمؤثرات العقلية لسنة 1988
instrument-bilateral = معاهدة ثنائية
instrument-regional = معاهدة إقليمية
instrument-reciprocity = المعاملة بالمثل
instrument-domestic_law = القانون الداخلي

## Assistance (Assistance.Code): the items of UNTOC 18(3) and UNCAC 46(3), and what other paragraphs add.

assistance-evidence_or_statements = الحصول على أدلة أو أقوال من الأشخاص
assistance-service_of_documents = تبليغ المستندات القضائية
assistance-search_or_seizure = تنفيذ عمليات التفتيش والضبط
assistance-freezing = التجميد
assistance-objects_or_sites = فحص الأشياء والمواقع
assistance-information_or_items = تقديم المعلومات والأدلة
assistance-expert_evaluation = تقييمات الخبراء
assistance-documents_and_records = أصول المستندات والسجلات أو نسخ مصدقة عنها
assistance-tracing_proceeds = التعرف على عائدات الجرائم أو الممتلكات أو الأدوات أو اقتفاء أثرها لأغراض الحصول على أدلة
assistance-voluntary_appearance = تيسير مثول الأشخاص طواعية
assistance-other = مساعدة أخرى لا تتعارض مع القانون الداخلي
assistance-proceeds_identification = استبانة عائدات الجريمة وتجميدها واقتفاء أثرها
assistance-asset_recovery = استرداد الموجودات
assistance-detained_person_transfer = نقل شخص محتجز أو يقضي عقوبته
assistance-video_hearing = عقد جلسة استماع عن طريق الائتمار بواسطة الفيديو
assistance-preservation = حفظ البيانات
assistance-stored_data = بيانات مخزَّنة
assistance-traffic_data = بيانات حركة الاتصالات
assistance-controlled_delivery = التسليم المراقب
assistance-joint_investigation = تحقيق مشترك

## Offences (Offence.Code).

offence-organized_group = المشاركة في جماعة إجرامية منظمة
offence-laundering = غسل عائدات الجرائم
offence-corruption = الفساد
offence-obstruction = عرقلة سير العدالة
offence-drugs = الاتجار غير المشروع في المخدرات والمؤثرات العقلية
# for review
offence-precursors = تسريب السلائف
offence-trafficking_in_persons = الاتجار بالأشخاص
offence-smuggling_of_migrants = تهريب المهاجرين
offence-firearms = صنع الأسلحة النارية والاتجار بها بصورة غير مشروعة
offence-cultural_property = الاتجار بالممتلكات الثقافية
offence-cybercrime = الجريمة السيبرانية
offence-piracy = القرصنة البحرية
offence-terrorist_financing = تمويل الإرهاب
offence-other_serious_crime = جريمة خطيرة أخرى

## Events of transport (Event.Code), after ETSI EN 319 522-1.

# for review
event-submission_acceptance = قبول الإيداع
# for review
event-submission_rejection = رفض الإيداع
# for review
event-relay_acceptance = قبول الإحالة
# for review
event-relay_rejection = رفض الإحالة
# for review
event-relay_failure = تعذُّر الإحالة
# for review
event-content_consignment = وضع المحتوى في متناول المتلقي
# for review
event-content_consignment_failure = تعذُّر وضع المحتوى في متناول المتلقي
# for review
event-content_handover = تسليم المحتوى إلى المتلقي
# for review
event-content_handover_failure = تعذُّر تسليم المحتوى

## Causes (Cause.Code), why a gateway refused something or put it off.

cause-malformed = شكل غير سليم
cause-suite_unsupported = مجموعة طرائق التشفير غير مدعومة
cause-signature_missing = التوقيع ناقص
cause-signature_invalid = التوقيع غير صحيح
cause-key_not_valid = المفتاح غير صالح لهذا الغرض
cause-wrong_recipient = موجَّه إلى متلقٍّ آخر
cause-id_conflict = المعرِّف مستخدم لغير هذا
cause-expired = انتهت المدة
cause-too_large = الحجم أكبر من المسموح
cause-content_key_gone = مفتاح المحتوى لم يعد موجودا
cause-key_box_invalid = صندوق المفتاح غير صالح
cause-object_invalid = عنصر لا يطابق الترويسة الموقَّعة
cause-body_malformed = المتن لا يمكن قراءته
cause-body_inconsistent = المتن يناقض الترويسة أو المرفقات
cause-illegal_transition = خطوة غير جائزة في هذه الحالة للملف
cause-chain_conflict = يناقض تسلسل الحالات
cause-order_violated = الترتيب غير محترم
# for review
cause-pairing_ended = انتهى الاقتران
cause-kind_not_taken = نوع الطلب غير مقبول
cause-language_not_taken = اللغة غير مقبولة
cause-content_deficient = المحتوى ناقص بموجب المعاهدة
cause-busy = مشغول
cause-storage_full = مساحة التخزين ممتلئة
cause-key_unknown = المفتاح غير معروف بعد
cause-predecessor_missing = رزمة سابقة ناقصة
cause-clock_ahead = ساعة المرسِل متقدمة
cause-status_gap = حالة سابقة ناقصة
cause-objects_incomplete = العناصر غير مكتملة
cause-recovering = البوابة قيد الاستعادة
# for review
cause-pairing_suspended = الاقتران معلَّق
cause-no_answer = لا جواب

## Traffic Light Protocol 2.0 (Handling.Tlp): the labels stay as they are in every language.

tlp-unmarked = بلا وسم
tlp-clear = TLP:CLEAR
tlp-green = TLP:GREEN
tlp-amber = TLP:AMBER
tlp-amber_strict = TLP:AMBER+STRICT
tlp-red = TLP:RED

## Handling of the content (flags of Handling).

handling-intelligence_only = للأغراض الاستخبارية فقط وليس كدليل
handling-no_dissemination = لا تجوز إحالته إلى الغير
handling-consented = الاستخدام موافَق عليه بالشروط المبيَّنة
handling-victim_protected = هوية الضحايا محمية
handling-sealed_fact = وجود الطلب ومضمونه سرِّيان

## Calendars (Date.Calendar).

calendar-gregorian = ميلادي
calendar-solar_hijri = هجري شمسي
calendar-lunar_hijri = هجري قمري

## How exact a date is (Date.Precision).

precision-day = باليوم
precision-month = بالشهر
precision-year = بالسنة
precision-approximate = تقريبي

## Sex of a person (Person.Sex).

sex-female = أنثى
sex-male = ذكر
sex-other_sex = آخر

## What a person is in the matter (Person.Role).

role-suspect = مشتبه فيه
role-accused = متهم
role-convicted = محكوم عليه
role-sought = شخص مطلوب
role-witness = شاهد
role-expert = خبير
role-victim = ضحية
role-third_party = طرف ثالث
role-addressee = المبلَّغ إليه
role-other_role = صفة أخرى

## Conveyances (Conveyance.Form).

conveyance-road = مركبة برية
conveyance-rail = مركبة سكك حديدية
conveyance-vessel = سفينة
conveyance-aircraft = طائرة
conveyance-container = حاوية

## Listing of a substance (Substance.Listing) under the drug conventions.

listing-table_one = الجدول الأول من اتفاقية سنة 1988
listing-table_two = الجدول الثاني من اتفاقية سنة 1988
listing-scheduled_drug = مدرج في جداول اتفاقية سنة 1961 أو سنة 1971
listing-unlisted = غير مدرج

## Decisions of courts and other authorities (CourtDecision.Form).

decision-arrest_warrant = أمر بالقبض
decision-judgment = حكم قضائي
decision-confiscation_order = أمر مصادرة
decision-freezing_order = أمر تجميد أو ضبط
decision-production_order = أمر بتقديم مستندات
decision-search_warrant = أمر تفتيش
decision-indictment = لائحة اتهام
decision-other_decision = قرار آخر

## Nature of the proceeding (Proceeding.Nature): item (b) of UNTOC 18(15), UNCAC 46(15), 1988 7(10).

nature-investigation = تحقيق
nature-prosecution = ملاحقة
nature-trial = إجراء قضائي
nature-enforcement = إنفاذ حكم

## Aim of an extradition (Extradition.Aim).

aim-prosecution = الملاحقة
aim-sentence = قضاء العقوبة

## Who wishes the transfer of a sentenced person (TransferSentencedPerson.Initiative).

initiative-sentencing_state = دولة الإدانة
initiative-administering_state = دولة تنفيذ الحكم
initiative-sentenced_person = الشخص المحكوم عليه

## Financial intelligence: its mode (FinancialIntelligence.Mode).

mode-inquiry = طلب معلومات
mode-answer = رد على طلب
mode-disclosure = إفصاح تلقائي

## Financial intelligence: how far it may be passed on (FinancialIntelligence.Onward).

onward-none = لا تجوز إحالتها إلى الغير
onward-on_request = بطلب في كل حالة على حدة
onward-as_intelligence = إلى السلطات المختصة، للأغراض الاستخبارية
onward-as_evidence = إلى السلطات المختصة، كدليل أيضا

## What is asked at a crossing (BorderAlert.Action).

action-notify = الإبلاغ
action-observe = المراقبة السرية
action-check = التفتيش والتحقق
action-stop = الإيقاف

## Parties to a consignment (PrecursorAlert.Party.Part).

part-exporter = مصدِّر
part-importer = مستورد
part-consignee = مرسل إليه
part-broker = وسيط
part-carrier = ناقل
part-manufacturer = صانع
part-end_user = مستعمل نهائي

## Technical assistance: what it consists of (TechnicalAssistance.Subtype).

subtype-training = تدريب
subtype-equipment = معدات
subtype-expert_mission = بعثة خبراء
subtype-legislation = مشورة تشريعية
subtype-knowledge_exchange = تبادل المعارف

## Technical assistance: its priority (TechnicalAssistance.Level).

level-low = منخفضة
level-medium = متوسطة
level-high = عالية

## What a consultation is for (Consultation.Intent).

intent-before_refusal = قبل الرفض
intent-before_postponement = قبل التأجيل
intent-on_conditions = بشأن الشروط والأحكام
intent-on_costs = بشأن التكاليف
intent-on_jurisdiction = بشأن الولاية القضائية
intent-answer = رد في إطار التشاور
intent-on_other = بشأن مسألة أخرى

## Notices about confidentiality (ConfidentialityNotice.Case).

notice-cannot_keep = يتعذر الحفاظ على السرية المطلوبة
notice-exculpatory = إفشاء معلومات تبرئ شخصا متهما
notice-compelled = إفشاء بأمر محكمة أو بحكم القانون
notice-breached = انتُهكت السرية

## Consent to use (ConsentToUse.Step): UNTOC 18(19), UNCAC 46(19), 1988 7(13).

step-asked = الموافقة مطلوبة
step-given = الموافقة ممنوحة
step-given_on_conditions = الموافقة ممنوحة بشروط
step-denied = الموافقة مرفوضة

## How a case ended for its sender (Closing.Result).

result-satisfied = لُبِّي الطلب
result-partly_satisfied = لُبِّي الطلب جزئيا
result-unsatisfied = لم يُلبَّ الطلب
result-overtaken = لم تعد للطلب حاجة

## Why an officer opened content (OpeningPurpose.Code).

purpose-not_said = غير مذكور
purpose-execution = تنفيذ طلب أو استخدام رد
purpose-review = مراجعة إشرافية
purpose-appeal = طعن في قرار
purpose-audit = تدقيق
purpose-technical = صيانة البوابة
purpose-other = غرض آخر

## Why content was destroyed (ErasureReason.Code).

erasure-retention_over = انقضاء مدة الحفظ
erasure-court_order = بأمر من محكمة أو سلطة أخرى
erasure-request_withdrawn = سحب الطلب
erasure-sent_in_error = أُرسل خطأً
erasure-other = سبب آخر
