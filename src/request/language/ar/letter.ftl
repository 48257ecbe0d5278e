# The letter: titles, set phrases, dates. "for review" stands over what is not sure.

## Titles, by kind of packet.

letter-title-mutual_legal_assistance = طلب مساعدة قانونية متبادلة
letter-title-confiscation = طلب مصادرة أو تجميد
letter-title-extradition = طلب تسليم
letter-title-provisional_arrest = طلب توقيف احتياطي
letter-title-transfer_sentenced_person = طلب نقل شخص محكوم عليه
letter-title-transfer_of_proceedings = طلب نقل إجراءات جنائية
letter-title-spontaneous_information = إحالة معلومات بدون طلب مسبق
letter-title-financial_intelligence = تبادل معلومات استخبارية مالية
letter-title-joint_operation = اقتراح عملية مشتركة
letter-title-border_alert = إنذار حدودي
letter-title-precursor_alert = إنذار بشأن سلائف
letter-title-technical_assistance = طلب مساعدة تقنية
letter-title-execution = تنفيذ طلب
letter-title-partial_execution = تنفيذ جزئي لطلب
letter-title-refusal = رفض طلب مع بيان الأسباب
letter-title-postponement = تأجيل التنفيذ
letter-title-consultation = مشاورات
letter-title-information_request = طلب معلومات إضافية
letter-title-information_response = معلومات إضافية
letter-title-progress = تقرير عن سير التنفيذ
letter-title-confidentiality_notice = إشعار بشأن السرية
letter-title-consent_to_use = الموافقة على الاستخدام
letter-title-amendment = تعديل طلب
letter-title-withdrawal = سحب طلب
letter-title-closing = إغلاق قضية
letter-title-receipt = إيصال استلام

## The opening sentence.

# for review
letter-opening-request = تهدي السلطة المذكورة أدناه تحياتها إلى السلطة المركزية في { $recipient } وتتشرف بأن تقدم إليها الطلب التالي استنادا إلى: { $basis }.
# for review
letter-opening-request-bare = تهدي السلطة المذكورة أدناه تحياتها إلى السلطة المركزية في { $recipient } وتتشرف بأن تقدم إليها الطلب التالي.
# for review
letter-opening-information = تهدي السلطة المذكورة أدناه تحياتها إلى السلطة المركزية في { $recipient } وتتشرف بأن تحيل إليها ما يلي.
# for review
letter-opening-answer = بالإشارة إلى الطلب المقدم في القضية المذكورة أعلاه، تتشرف السلطة المذكورة أدناه بإبلاغ السلطة المركزية في { $recipient } بما يلي.
# for review
letter-opening-refusal = بالإشارة إلى الطلب المقدم في القضية المذكورة أعلاه، تأسف السلطة المذكورة أدناه لإبلاغ السلطة المركزية في { $recipient } برفض تقديم المساعدة الملتمسة للأسباب المبينة أدناه.
# for review
letter-opening-postponement = بالإشارة إلى الطلب المقدم في القضية المذكورة أعلاه، تتشرف السلطة المذكورة أدناه بإبلاغ السلطة المركزية في { $recipient } بتأجيل التنفيذ للسبب المبين أدناه.
# for review
letter-opening-receipt = يبين هذا الإيصال ما وقّعته بوابتا السلطتين بشأن الرسالة المذكورة هنا. ولا يدل على مضمونها ولا على قبول الطلب.

## What stands above and below.

letter-from = من
letter-to = إلى
letter-date = التاريخ
letter-our-reference = مرجعنا
letter-your-reference = مرجعكم
letter-wanted-by = يُرجى الرد قبل
letter-requesting = السلطة الطالبة
letter-packet = الرسالة
letter-case = القضية
letter-in-reply-to = ردا على الرسالة
letter-replaces = تحل محل الرسالة
letter-urgency = درجة الاستعجال
letter-expires = تُرفض بعد
letter-kind = النوع
letter-draft = مسودة لم تُرسل
letter-answering = السلطة المجيبة
letter-sending = السلطة المرسلة
letter-particulars = البيانات
letter-matter = القضية
letter-yes = نعم
letter-article = المادة { $article }
letter-labelled = { $label }: { $value }
letter-bracketed = { $value } ({ $note })
letter-comma = ،{" "}
letter-semicolon = ؛{" "}
letter-attachment-number = الرقم
letter-attachment-type = النوع
letter-attachment-size = الحجم (بايت)
letter-attachment-language = اللغة
letter-attachment-translation = ترجمة الرقم
letter-attachment-digest = SHA-256 للمرفقات
letter-unknown-fields = حقول لا تعرفها هذه النسخة من البرنامج، بترميز base64
letter-number = الرقم { $n }
letter-regards = وتغتنم السلطة هذه الفرصة للإعراب مجددا عن فائق تقديرها.
letter-signature = الاسم والصفة والتوقيع
letter-place = المكان والتاريخ
letter-seal = الختم
# for review
letter-paper = هذه الورقة نسخة للاطلاع. والعبرة بالرسالة التي وقّعتها { $sender } وختمتها.
# for review
letter-paper-draft = أُعدت هذه الورقة من مسودة: لم يُوقَّع شيء ولم يُرسل.
letter-digest = بصمة الترويسة الموقعة (SHA-256)
# for review
letter-check = يحتوي المربع على هذا النص، ويبين الأمر { $command } ما إذا كان الإثبات يخص هذه الرسالة.
letter-page = صفحة { $page } من { $pages }

## The receipt.

letter-receipt-events = ما تم توقيعه
letter-receipt-event = الحدث
letter-receipt-issuer = الموقِّع
letter-receipt-time = الوقت (UTC)
letter-receipt-entry = القيد
letter-receipt-cause = السبب
letter-receipt-none = لا شيء بعد
letter-receipt-log = السجل
letter-receipt-size = حجم السجل
letter-receipt-root = الجذر المرجعي للسجل
letter-receipt-proof = الموضع في السجل
letter-receipt-state = العناصر
letter-receipt-objects = { $count } من العناصر المختومة، { $bytes } بايت

## Dates and times.

letter-date-gregorian = { $day } { $month } { $year }
letter-date-gregorian-month = { $month } { $year }
letter-date-gregorian-year = { $year }
letter-date-solar = { $day } { $month } { $year } هـ.ش
letter-date-solar-month = { $month } { $year } هـ.ش
letter-date-solar-year = { $year } هـ.ش
letter-date-as-written = كما كُتب: { $date }
letter-date-about = حوالي { $date }
letter-date-time = { $date }، الساعة { $time } ({ $offset })
letter-from-to = من { $begins } إلى { $ends }
letter-from-on = اعتبارا من { $begins }
letter-until = حتى { $ends }
letter-month-1 = كانون الثاني/يناير
letter-month-2 = شباط/فبراير
letter-month-3 = آذار/مارس
letter-month-4 = نيسان/أبريل
letter-month-5 = أيار/مايو
letter-month-6 = حزيران/يونيه
letter-month-7 = تموز/يوليه
letter-month-8 = آب/أغسطس
letter-month-9 = أيلول/سبتمبر
letter-month-10 = تشرين الأول/أكتوبر
letter-month-11 = تشرين الثاني/نوفمبر
letter-month-12 = كانون الأول/ديسمبر
letter-solar-1 = فروردين
letter-solar-2 = أرديبهشت
letter-solar-3 = خرداد
letter-solar-4 = تير
letter-solar-5 = مرداد
letter-solar-6 = شهريور
letter-solar-7 = مهر
letter-solar-8 = آبان
letter-solar-9 = آذر
letter-solar-10 = دي
letter-solar-11 = بهمن
letter-solar-12 = إسفند

## One of several, by its number.

letter-one-Person = الشخص { $n }
letter-one-Organization = الشخص الاعتباري { $n }
letter-one-Offence = الجريمة { $n }
letter-one-Assistance = البند { $n }
letter-one-CourtDecision = القرار { $n }
letter-one-Confiscation_Property = الممتلكات { $n }
letter-one-JointOperation_Member = السلطة { $n }
letter-one-JointOperation_Task = المهمة { $n }
letter-one-PrecursorAlert_Party = الطرف { $n }
letter-one-ExecutedItem = النتيجة { $n }
letter-one-PartialExecution_Outstanding = بند غير منفَّذ { $n }
letter-one-Refusal_Reason = السبب { $n }
letter-one-InformationRequest_Question = السؤال { $n }
letter-one-InformationResponse_Answer = الجواب { $n }
letter-one-Amendment_Change = التعديل { $n }
letter-one-Substance = المادة { $n }
letter-one-CulturalObject = القطعة { $n }
letter-one-Conveyance = وسيلة النقل { $n }
letter-one-Transfer = التحويل { $n }
