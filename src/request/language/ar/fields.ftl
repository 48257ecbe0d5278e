## RequestFile

field-RequestFile-recipient = المتلقي (معرِّف السلطة)
field-RequestFile-kind = النوع
field-RequestFile-urgency = درجة الاستعجال
field-RequestFile-expires = تاريخ الانتهاء
field-RequestFile-case = الملف (معرِّفه)
field-RequestFile-in_reply_to = الرزمة التي يُرد عليها
field-RequestFile-replaces = الرزمة المرفوضة التي تحل هذه محلها
field-RequestFile-request = الطلب
field-RequestFile-attachments = المرفقات

## AttachmentFile

field-AttachmentFile-path = مسار الملف
field-AttachmentFile-name = الاسم الذي يراه المتلقي
field-AttachmentFile-media_type = نوع الملف (MIME)
field-AttachmentFile-language = اللغة
field-AttachmentFile-translation_of = ترجمة المرفق (رقمه)

## Request

field-Request-schema = إصدار المخطط
field-Request-sender_reference = الرقم المرجعي لدى المرسِل
field-Request-recipient_reference = الرقم المرجعي لدى المتلقي
field-Request-wanted_by = الموعد النهائي المقترح
field-Request-language = لغة النص
field-Request-handling = كيفية معاملة المحتوى
field-Request-urgency_reason = أسباب الاستعجال
field-Request-oral_request = الطلب الشفوي المؤكَّد بهذا
field-Request-legal_basis = الأساس القانوني
field-Request-offences = الجرائم
field-Request-attachments = المرفقات
field-Request-authority = السلطة المرسِلة
field-Request-linked_packets = رزم مرتبطة من ملفات أخرى
field-Request-mutual_legal_assistance = المساعدة القانونية المتبادلة
field-Request-confiscation = المصادرة
field-Request-extradition = تسليم المجرمين
# for review
field-Request-provisional_arrest = التوقيف المؤقت
field-Request-transfer_sentenced_person = نقل شخص محكوم عليه
field-Request-transfer_of_proceedings = نقل الإجراءات الجنائية
field-Request-spontaneous_information = معلومات محالة دون طلب مسبق
field-Request-financial_intelligence = المعلومات الاستخبارية المالية
field-Request-joint_operation = عملية مشتركة
# for review
field-Request-border_alert = تنبيه حدودي
# for review
field-Request-precursor_alert = تنبيه بشأن السلائف
field-Request-technical_assistance = المساعدة التقنية
field-Request-execution = تنفيذ الطلب
field-Request-partial_execution = تنفيذ الطلب جزئيا
field-Request-refusal = رفض الطلب
field-Request-postponement = تأجيل المساعدة
field-Request-consultation = تشاور
field-Request-information_request = طلب معلومات إضافية
field-Request-information_response = معلومات إضافية
field-Request-progress = تقرير عن التقدم المحرز
field-Request-confidentiality_notice = إشعار بشأن السرية
field-Request-consent_to_use = الموافقة على الاستخدام
field-Request-amendment = تعديل الطلب
field-Request-withdrawal = سحب الطلب
field-Request-closing = إغلاق الملف

## WantedBy

field-WantedBy-date = مطلوب قبل
field-WantedBy-reason = أسباب الموعد النهائي

## Handling

field-Handling-tlp = وسم TLP
field-Handling-intelligence_only = للاستخبار فقط وليس دليلا
field-Handling-no_dissemination = لا تجوز إحالته إلى الغير
field-Handling-consented = الاستخدام موافَق عليه
field-Handling-victim_protected = هوية الضحايا محمية
field-Handling-sealed_fact = الوجود والمضمون سرِّيان
field-Handling-caveat = القيود أو الموافقة نصا

## OralRequest

field-OralRequest-made_at = وقت تقديمه
field-OralRequest-made_by = مقدِّمه
field-OralRequest-taken_by = متلقيه
field-OralRequest-means = الوسيلة المستعملة

## LegalBasis

field-LegalBasis-instrument = المعاهدة أو أساس آخر
field-LegalBasis-article = المادة والفقرة
field-LegalBasis-name = عنوان المعاهدة أو القانون

## Attachment

field-Attachment-name = اسم الملف
field-Attachment-media_type = نوع الملف (MIME)
field-Attachment-size = الحجم بالبايت
field-Attachment-sha256 = بصمة SHA-256
field-Attachment-language = اللغة
field-Attachment-translation_of = ترجمة المرفق (رقمه)

## Date

field-Date-iso = التاريخ (الميلادي)
field-Date-calendar = تقويم الأصل
field-Date-as_written = كما كُتب
field-Date-precision = درجة الدقة

## Moment

field-Moment-time = التاريخ والوقت
field-Moment-as_written = كما كُتب
field-Moment-calendar = تقويم الأصل

## Period

field-Period-begins = من
field-Period-ends = إلى

## TimeWindow

field-TimeWindow-begins = من
field-TimeWindow-ends = إلى

## Place

field-Place-name = اسم المكان
field-Place-address = العنوان
field-Place-locality = البلدة
field-Place-region = المنطقة
field-Place-state = الدولة
field-Place-latitude = خط العرض
field-Place-longitude = خط الطول
field-Place-identifiers = أرقام التعريف

## Identifier

field-Identifier-scheme = نوع الرقم
field-Identifier-value = الرقم
field-Identifier-issuer = جهة الإصدار
field-Identifier-expires = صالح حتى

## Amount

field-Amount-currency = العملة
field-Amount-value = المبلغ

## Transliteration

field-Transliteration-text = النقحرة
field-Transliteration-scheme = نظام النقحرة أو مصدر الرسم

## PersonName

field-PersonName-text = الاسم بكتابته الأصلية
field-PersonName-language = لغة الاسم
field-PersonName-script = نظام الكتابة
field-PersonName-transliterations = النقحرة
field-PersonName-aliases = أسماء أخرى مستعملة
field-PersonName-father_name = اسم الأب
field-PersonName-mother_name = اسم الأم

## Person

field-Person-names = الأسماء
field-Person-birth_date = تاريخ الميلاد
field-Person-birth_place = مكان الميلاد
field-Person-nationalities = الجنسية
field-Person-location = مكان وجود الشخص
field-Person-identifiers = وثائق الهوية وأرقامها
field-Person-sex = الجنس
field-Person-role = الصفة في القضية
field-Person-description = الأوصاف
field-Person-connection = الصلة بالقضية
field-Person-identity_withheld = الهوية محجوبة عمدا

## OrganizationName

field-OrganizationName-text = الاسم بكتابته الأصلية
field-OrganizationName-language = لغة الاسم
field-OrganizationName-script = نظام الكتابة
field-OrganizationName-transliterations = النقحرة
field-OrganizationName-aliases = أسماء أخرى مستعملة

## Organization

field-Organization-names = الأسماء
field-Organization-legal_form = الشكل القانوني
field-Organization-state = دولة التسجيل
field-Organization-location = مقر الكيان
field-Organization-identifiers = أرقام التسجيل وغيرها
field-Organization-people = المديرون والمالكون (أرقامهم)
field-Organization-connection = الصلة بالقضية

## Contact

field-Contact-name = الشخص الذي يمكن الاتصال به
field-Contact-post = المنصب
field-Contact-telephone = الهاتف
field-Contact-email = البريد الإلكتروني
field-Contact-address = العنوان
field-Contact-languages = لغات التواصل
field-Contact-round_the_clock = متاح على مدار الساعة

## Authority

field-Authority-name = اسم السلطة
field-Authority-function = اختصاصات السلطة
field-Authority-contact = جهة الاتصال
field-Authority-state = الدولة

## Account

field-Account-number = رقم الحساب
field-Account-institution = المؤسسة المالية
field-Account-branch = الفرع
field-Account-holder = صاحب الحساب
field-Account-currency = العملة

## Transfer

field-Transfer-date = تاريخ التحويل
field-Transfer-payer = الحساب المحوَّل منه
field-Transfer-payee = الحساب المحوَّل إليه
field-Transfer-amount = المبلغ
field-Transfer-remark = بيان التحويل

## Substance

field-Substance-name = المادة
field-Substance-cas_number = رقم CAS
field-Substance-mass_grams = الكتلة بالغرامات
field-Substance-volume_millilitres = الحجم بالمليلترات
field-Substance-purity_percent = النقاوة بالنسبة المئوية
field-Substance-hs_code = رمز النظام المنسق
field-Substance-listing = الإدراج في جداول الاتفاقيات
field-Substance-packaging = التعبئة

## CulturalObject

field-CulturalObject-title = العنوان
field-CulturalObject-category = نوع القطعة
field-CulturalObject-materials = المواد والتقنيات
field-CulturalObject-measurements = القياسات
field-CulturalObject-inscriptions = النقوش والعلامات
field-CulturalObject-distinguishing_features = السمات المميزة
field-CulturalObject-date_or_period = التاريخ أو الحقبة
field-CulturalObject-maker = الصانع
field-CulturalObject-origin = مكان المنشأ
field-CulturalObject-value = القيمة
field-CulturalObject-photographs = الصور (أرقام المرفقات)
field-CulturalObject-identifiers = أرقام الجرد وغيرها

## Conveyance

field-Conveyance-form = نوع وسيلة النقل
field-Conveyance-registration = علامة التسجيل أو رقمه
field-Conveyance-state = دولة التسجيل أو العلم
field-Conveyance-name = الاسم
field-Conveyance-description = الوصف
field-Conveyance-identifiers = أرقام التعريف

## Offence

field-Offence-code = الجريمة
field-Offence-title = التكييف في القانون الداخلي
field-Offence-provision = القانون والمادة
field-Offence-text = نص الحكم القانوني
field-Offence-penalty = نص العقوبة
field-Offence-committed = وقت ارتكابها
field-Offence-prescribed_on = تاريخ التقادم

## CourtDecision

field-CourtDecision-form = نوع القرار
field-CourtDecision-issued_by = جهة الإصدار
field-CourtDecision-date = تاريخ القرار
field-CourtDecision-reference = الرقم المرجعي للقرار
field-CourtDecision-operative_part = منطوق القرار
field-CourtDecision-is_final = غير خاضع للاستئناف العادي
field-CourtDecision-in_absentia = صادر غيابيا
field-CourtDecision-copy = نسخة مقبولة قانونا (المرفق)

## Proceeding

field-Proceeding-subject_matter = الموضوع
field-Proceeding-nature = طبيعة الإجراء
field-Proceeding-conducted_by = السلطة التي تتولاه
field-Proceeding-reference = رقم ملفها

## Facts

field-Facts-summary = ملخص الوقائع ذات الصلة
field-Facts-period = زمن الوقائع
field-Facts-places = الأماكن
field-Facts-amounts = المبالغ
field-Facts-accounts = الحسابات
field-Facts-substances = المواد
field-Facts-cultural_objects = الممتلكات الثقافية
field-Facts-conveyances = وسائل النقل والحاويات

## Matter

field-Matter-proceeding = التحقيق أو الملاحقة أو الإجراء القضائي
field-Matter-facts = الوقائع ذات الصلة
field-Matter-charges = الجرائم موضوع الملاحقة
field-Matter-persons = الأشخاص المعنيون
field-Matter-organizations = الكيانات المعنية
field-Matter-purpose = الغرض من الطلب
## MutualLegalAssistance

field-MutualLegalAssistance-matter = القضية
field-MutualLegalAssistance-assistance = المساعدة الملتمسة
field-MutualLegalAssistance-attendance = حضور موظفين مطلوب
field-MutualLegalAssistance-costs = التكاليف المتوقعة

## Assistance

field-Assistance-code = نوع المساعدة
field-Assistance-description = وصف المساعدة الملتمسة
field-Assistance-procedure = إجراء معين يُراد اتباعه
field-Assistance-persons = الأشخاص المعنيون (أرقامهم)
field-Assistance-organizations = الكيانات المعنية (أرقامها)
field-Assistance-places = الأماكن المعنية
field-Assistance-decision = القرار الذي تستند إليه
field-Assistance-hearing = أخذ الأقوال أو جلسة الاستماع
field-Assistance-service = تبليغ المستندات
field-Assistance-records = المستندات والسجلات
field-Assistance-search = التفتيش أو الضبط أو التجميد
field-Assistance-custody = نقل شخص محتجز
field-Assistance-data = حفظ البيانات أو تقديمها
field-Assistance-delivery = التسليم المراقب

## Assistance.Hearing

field-Assistance_Hearing-questions = الأسئلة المراد طرحها
field-Assistance_Hearing-solemn_form = اليمين أو الصيغة الرسمية
field-Assistance_Hearing-cautions = الحقوق والواجبات الواجب بيانها
field-Assistance_Hearing-proposed = الموعد المقترح
field-Assistance_Hearing-technical_needs = المتطلبات التقنية للجلسة

## Assistance.Service

field-Assistance_Service-document = المستند المراد تبليغه
field-Assistance_Service-attachments = المرفقات (أرقامها)
field-Assistance_Service-appear_at = مكان المثول
field-Assistance_Service-appear_on = موعد المثول
field-Assistance_Service-serve_by = يُبلَّغ قبل
# for review
field-Assistance_Service-safe_conduct = ضمان عدم التعرض الممنوح
field-Assistance_Service-personal = التبليغ الشخصي لازم

## Assistance.Records

field-Assistance_Records-holder = حائز السجلات
field-Assistance_Records-accounts = الحسابات
field-Assistance_Records-period = الفترة المشمولة
field-Assistance_Records-wanted = السجلات المطلوبة
field-Assistance_Records-certification = صيغة التصديق

## Assistance.Search

field-Assistance_Search-items = الأشياء المراد البحث عنها أو ضبطها
field-Assistance_Search-accounts = الحسابات المراد ضبطها أو تجميدها
field-Assistance_Search-values = المبالغ المراد ضبطها أو تجميدها

## Assistance.Custody

field-Assistance_Custody-consented_on = تاريخ موافقة الشخص
field-Assistance_Custody-period = مدة النقل
field-Assistance_Custody-arrangements = الاحتجاز والإعادة

## Assistance.Data

field-Assistance_Data-provider = مقدِّم الخدمة
field-Assistance_Data-identifiers = الحسابات والأرقام والعناوين
field-Assistance_Data-window = الفترة التي تشملها البيانات
field-Assistance_Data-categories = فئات البيانات

## Assistance.Delivery

field-Assistance_Delivery-route = المسار
field-Assistance_Delivery-window = وقت التسليم
field-Assistance_Delivery-conveyances = وسائل النقل والحاويات
field-Assistance_Delivery-substances = المواد
field-Assistance_Delivery-method = أسلوب التسليم

## Confiscation

field-Confiscation-matter = القضية
field-Confiscation-property = الممتلكات المراد مصادرتها
field-Confiscation-domestic_order = أمر يُستصدر
field-Confiscation-enforce_order = أمر يُراد إنفاذه
field-Confiscation-freeze = اقتفاء الأثر أو التجميد أو الضبط
field-Confiscation-disposal = الإرجاع والتصرف والاقتسام

## Confiscation.Property

field-Confiscation_Property-description = وصف الممتلكات
field-Confiscation_Property-location = مكان الممتلكات
field-Confiscation_Property-estimated_value = القيمة المقدرة
field-Confiscation_Property-account = الحساب
field-Confiscation_Property-holder = حائز الممتلكات
field-Confiscation_Property-link = الصلة بالجرم

## Confiscation.DomesticOrder

field-Confiscation_DomesticOrder-grounds = الوقائع المستند إليها

## Confiscation.EnforceOrder

field-Confiscation_EnforceOrder-order = أمر المصادرة
field-Confiscation_EnforceOrder-grounds = الوقائع المستند إليها
field-Confiscation_EnforceOrder-extent = المدى المطلوب لتنفيذ الأمر
field-Confiscation_EnforceOrder-extent_value = المبلغ المطلوب تنفيذه
field-Confiscation_EnforceOrder-bona_fide_measures = إشعار الأطراف الثالثة الحسنة النية
# for review
field-Confiscation_EnforceOrder-due_process = مراعاة الأصول القانونية
field-Confiscation_EnforceOrder-finality = نهائية الأمر

## Confiscation.Freeze

field-Confiscation_Freeze-grounds = الوقائع المستند إليها
field-Confiscation_Freeze-actions = الإجراءات المطلوبة
field-Confiscation_Freeze-order = الأمر الذي يستند إليه الطلب
field-Confiscation_Freeze-period = مدة التدابير

## Extradition

field-Extradition-matter = القضية
field-Extradition-person = الشخص المطلوب
field-Extradition-aim = الغرض من التسليم
field-Extradition-decisions = أوامر القبض والأحكام
field-Extradition-remaining_sentence = المدة المتبقية من العقوبة
field-Extradition-assurances = الضمانات المقدمة
field-Extradition-surrender = كيفية التسليم ومكانه

## ProvisionalArrest

field-ProvisionalArrest-matter = القضية
field-ProvisionalArrest-person = الشخص المطلوب
field-ProvisionalArrest-decision = أمر القبض أو الحكم
field-ProvisionalArrest-reason = أسباب الاستعجال
field-ProvisionalArrest-extradition_follows = سيتبعه طلب تسليم
field-ProvisionalArrest-within_days = عدد الأيام حتى ذلك
field-ProvisionalArrest-remaining_sentence = المدة المتبقية من العقوبة

## TransferSentencedPerson

field-TransferSentencedPerson-matter = القضية
field-TransferSentencedPerson-person = الشخص المحكوم عليه
field-TransferSentencedPerson-judgment = الحكم
field-TransferSentencedPerson-sentence = العقوبة المحكوم بها
field-TransferSentencedPerson-served_from = تُقضى منذ
field-TransferSentencedPerson-ends_on = تاريخ انقضاء العقوبة
field-TransferSentencedPerson-initiative = صاحب المبادرة
field-TransferSentencedPerson-consented_on = تاريخ موافقة الشخص
field-TransferSentencedPerson-ties = الروابط: الأسرة والموطن واللغة
field-TransferSentencedPerson-health = الحالة الصحية

## TransferOfProceedings

field-TransferOfProceedings-matter = القضية
field-TransferOfProceedings-reason = مصلحة سلامة إقامة العدل
field-TransferOfProceedings-gathered = ما جُمع من أدلة وما اتُّخذ من إجراءات
field-TransferOfProceedings-file = أوراق الملف (أرقام المرفقات)
field-TransferOfProceedings-stayed = الإجراءات لدى المرسِل موقوفة
field-TransferOfProceedings-views = آراء الضحايا والمتهم

## SpontaneousInformation

field-SpontaneousInformation-information = المعلومات
field-SpontaneousInformation-relevance = الفائدة للمتلقي
field-SpontaneousInformation-persons = الأشخاص المعنيون
field-SpontaneousInformation-organizations = الكيانات المعنية
field-SpontaneousInformation-accounts = الحسابات
field-SpontaneousInformation-restrictions = القيود على الاستخدام
field-SpontaneousInformation-restricted_until = تسري القيود حتى

## FinancialIntelligence

field-FinancialIntelligence-mode = طلب أو رد أو إفصاح
field-FinancialIntelligence-persons = الأشخاص (محل الطلب)
field-FinancialIntelligence-organizations = الكيانات (محل الطلب)
field-FinancialIntelligence-accounts = الحسابات
field-FinancialIntelligence-suspicion = الشبهة
field-FinancialIntelligence-link = الصلة بدولة المتلقي
field-FinancialIntelligence-purpose = الغرض من الاستخدام
field-FinancialIntelligence-onward = الموافقة على الإحالة إلى الغير
field-FinancialIntelligence-conditions = شروط الاستخدام
field-FinancialIntelligence-sought = المعلومات المطلوبة
field-FinancialIntelligence-transfers = التحويلات
field-FinancialIntelligence-transfer_count = عدد التحويلات
field-FinancialIntelligence-transfer_total = مجموع التحويلات
field-FinancialIntelligence-period = الفترة المشمولة

## JointOperation

field-JointOperation-objective = الهدف
field-JointOperation-members = السلطات المشاركة
field-JointOperation-window = وقت العملية
field-JointOperation-area = منطقة العملية
field-JointOperation-tasks = المهام
field-JointOperation-persons = الأشخاص المعنيون
field-JointOperation-organizations = الكيانات المعنية
field-JointOperation-substances = المواد
field-JointOperation-conveyances = وسائل النقل والحاويات
field-JointOperation-powers = الصلاحيات والقانون الواجب التطبيق
field-JointOperation-communication = الاتصال بين المشاركين

## JointOperation.Member

field-JointOperation_Member-authority = السلطة
field-JointOperation_Member-leads = يقود العملية
field-JointOperation_Member-contacts = جهات الاتصال

## JointOperation.Task

field-JointOperation_Task-description = وصف المهمة
field-JointOperation_Task-member = المشارك المكلف (رقمه)
field-JointOperation_Task-window = وقت المهمة
field-JointOperation_Task-place = مكان المهمة

## BorderAlert

field-BorderAlert-crossing = المعبر الحدودي
field-BorderAlert-expected_at = وقت العبور المتوقع
field-BorderAlert-direction = اتجاه العبور
field-BorderAlert-persons = الأشخاص المعنيون
field-BorderAlert-conveyances = وسائل النقل والحاويات
field-BorderAlert-substances = المواد
field-BorderAlert-goods = البضائع أو أشياء أخرى
field-BorderAlert-actions = الإجراءات المطلوبة
field-BorderAlert-reason = أسباب التنبيه
field-BorderAlert-expires_at = يسقط التنبيه بعد
field-BorderAlert-contact = جهة الاتصال بشأن التنبيه

## PrecursorAlert

field-PrecursorAlert-substances = السلائف والمواد الأخرى
field-PrecursorAlert-parties = أطراف الشحنة
field-PrecursorAlert-route = مسار الشحنة
field-PrecursorAlert-departs = المغادرة
field-PrecursorAlert-arrives = الوصول
field-PrecursorAlert-conveyances = وسائل النقل والحاويات
field-PrecursorAlert-papers = التراخيص والمستندات التجارية
# for review
field-PrecursorAlert-reason = أسباب الاشتباه في التسريب
field-PrecursorAlert-actions = الإجراءات المطلوبة

## PrecursorAlert.Party

field-PrecursorAlert_Party-part = الدور في الشحنة
field-PrecursorAlert_Party-organization = الكيان
field-PrecursorAlert_Party-person = الشخص الطبيعي

## TechnicalAssistance

field-TechnicalAssistance-subtype = نوع المساعدة
field-TechnicalAssistance-need = الحاجة
field-TechnicalAssistance-priority = الأولوية
field-TechnicalAssistance-beneficiary = المستفيد
field-TechnicalAssistance-outcome = النتيجة المرجوة
field-TechnicalAssistance-period = الفترة
field-TechnicalAssistance-budget = الميزانية
field-TechnicalAssistance-participants = عدد المشاركين
field-TechnicalAssistance-is_offer = عرض وليس طلبا

## ExecutedItem

field-ExecutedItem-item = بند الطلب (رقمه)
field-ExecutedItem-description = ما تم
field-ExecutedItem-attachments = المرفقات (أرقامها)
field-ExecutedItem-procedure = الإجراء المتبع
field-ExecutedItem-done_on = تاريخ التنفيذ
field-ExecutedItem-done_by = السلطة المنفِّذة
field-ExecutedItem-certification = الختم والتوقيع والشهادة

## Execution

field-Execution-results = نتائج التنفيذ
field-Execution-conditions = شروط الاستخدام
field-Execution-to_return = الأصول الواجب إعادتها
field-Execution-costs = التكاليف غير العادية
field-Execution-remarks = ملاحظات

## PartialExecution

field-PartialExecution-results = نتائج التنفيذ
field-PartialExecution-outstanding = البنود المتبقية
field-PartialExecution-conditions = شروط الاستخدام
field-PartialExecution-remarks = ملاحظات

## PartialExecution.Outstanding

field-PartialExecution_Outstanding-item = بند الطلب (رقمه)
field-PartialExecution_Outstanding-reason = أسباب عدم التنفيذ
field-PartialExecution_Outstanding-expected = الموعد المتوقع
field-PartialExecution_Outstanding-refused = مرفوض
field-PartialExecution_Outstanding-ground = سبب الرفض

## Refusal

field-Refusal-reasons = أسباب الرفض
field-Refusal-items = البنود المرفوضة (أرقامها)
field-Refusal-consulted_on = تاريخ التشاور
field-Refusal-consultation = التشاور المعروض أو الجاري
field-Refusal-remedy = ما قد يتيح تقديم المساعدة

## Refusal.Reason

field-Refusal_Reason-ground = سبب الرفض
field-Refusal_Reason-text = بيان الأسباب
field-Refusal_Reason-provision = الحكم القانوني

## Postponement

field-Postponement-reason = أسباب التأجيل
field-Postponement-review_on = تاريخ إعادة النظر
field-Postponement-items = البنود المؤجلة (أرقامها)
field-Postponement-consulted_on = تاريخ التشاور
field-Postponement-terms_offered = شروط تقديم المساعدة حالا

## Consultation

field-Consultation-intent = موضوع التشاور
field-Consultation-explanation = الإيضاحات
field-Consultation-ground = سبب الرفض
field-Consultation-terms = الشروط والأحكام
field-Consultation-reply_by = الرد مطلوب قبل
field-Consultation-meeting = موعد الاجتماع المقترح

## InformationRequest

field-InformationRequest-questions = الأسئلة
field-InformationRequest-reply_by = الرد مطلوب قبل
field-InformationRequest-execution_waits = التنفيذ متوقف على الرد

## InformationRequest.Question

field-InformationRequest_Question-text = السؤال
field-InformationRequest_Question-item = الفقرة الفرعية من المادة (حرفها)
field-InformationRequest_Question-reason = سبب السؤال

## InformationResponse

field-InformationResponse-answers = الأجوبة
field-InformationResponse-supplement = تكملة لبيان القضية

## InformationResponse.Answer

field-InformationResponse_Answer-question = السؤال المجاب عنه (رقمه)
field-InformationResponse_Answer-text = الجواب
field-InformationResponse_Answer-attachments = المرفقات (أرقامها)
field-InformationResponse_Answer-unavailable = سبب تعذر الجواب

## Progress

field-Progress-report = التقدم المحرز
field-Progress-done = البنود المنجزة (أرقامها)
field-Progress-expected = الموعد المتوقع للإنجاز
field-Progress-next_report = موعد التقرير التالي
field-Progress-obstacle = العوائق

## ConfidentialityNotice

field-ConfidentialityNotice-notice = موضوع الإشعار
field-ConfidentialityNotice-explanation = الإيضاحات
field-ConfidentialityNotice-disclosed = ما يُفشى
field-ConfidentialityNotice-disclosed_to = المُفشى إليه
field-ConfidentialityNotice-disclosed_on = تاريخ الإفشاء
field-ConfidentialityNotice-asks_to_proceed = يُستفسر عن المضي في التنفيذ مع ذلك
field-ConfidentialityNotice-reply_by = الرد مطلوب قبل

## ConsentToUse

field-ConsentToUse-step = الموافقة المطلوبة أو الممنوحة
field-ConsentToUse-material = المواد المعنية
field-ConsentToUse-packets = الرزم المعنية (معرِّفاتها)
field-ConsentToUse-proceeding = الإجراء الآخر
field-ConsentToUse-intended_use = الاستخدام المقصود
field-ConsentToUse-recipients = من يُحال إليهم
field-ConsentToUse-conditions = شروط الاستخدام
field-ConsentToUse-reason = الأسباب

## Amendment

field-Amendment-reason = أسباب التعديل
field-Amendment-changes = التعديلات
field-Amendment-matter = القضية بصيغتها المعدلة
field-Amendment-assistance = المساعدة الإضافية الملتمسة
field-Amendment-dropped = البنود المتنازل عنها (أرقامها)

## Amendment.Change

field-Amendment_Change-what = ما يُعدَّل
field-Amendment_Change-before = قبل التعديل
field-Amendment_Change-after = بعد التعديل

## Withdrawal

field-Withdrawal-reason = أسباب السحب
field-Withdrawal-material = المواد المجموعة حتى الآن

## Closing

field-Closing-result = النتيجة
field-Closing-use_made = أوجه الاستفادة من المساعدة
field-Closing-material = الأصول والنسخ
field-Closing-remarks = ملاحظات
