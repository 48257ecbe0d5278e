## RequestFile

field-RequestFile-recipient = Адресат (идентификатор органа)
field-RequestFile-kind = Вид
field-RequestFile-urgency = Срочность
field-RequestFile-expires = Срок действия
field-RequestFile-case = Дело (идентификатор)
field-RequestFile-in_reply_to = Отправление, на которое дается ответ
field-RequestFile-replaces = Заменяемое отклоненное отправление
field-RequestFile-request = Просьба
field-RequestFile-attachments = Приложения

## AttachmentFile

field-AttachmentFile-path = Путь к файлу
field-AttachmentFile-name = Имя файла для адресата
field-AttachmentFile-media_type = Тип файла (MIME)
field-AttachmentFile-language = Язык
field-AttachmentFile-translation_of = Перевод приложения (номер)

## Request

field-Request-schema = Версия схемы
field-Request-sender_reference = Номер дела у отправителя
field-Request-recipient_reference = Номер дела у адресата
field-Request-wanted_by = Предлагаемый предельный срок
field-Request-language = Язык текста
field-Request-handling = Порядок обращения с содержанием
field-Request-urgency_reason = Причины срочности
field-Request-oral_request = Подтверждаемая устная просьба
field-Request-legal_basis = Правовое основание
field-Request-offences = Преступления
field-Request-attachments = Приложения
field-Request-authority = Направляющий орган
field-Request-linked_packets = Связанные отправления по другим делам
field-Request-mutual_legal_assistance = Взаимная правовая помощь
field-Request-confiscation = Конфискация
field-Request-extradition = Выдача
field-Request-provisional_arrest = Временный арест
field-Request-transfer_sentenced_person = Передача осужденного лица
field-Request-transfer_of_proceedings = Передача уголовного производства
field-Request-spontaneous_information = Информация, передаваемая без предварительной просьбы
field-Request-financial_intelligence = Оперативная финансовая информация
field-Request-joint_operation = Совместная операция
# for review
field-Request-border_alert = Пограничное оповещение
# for review
field-Request-precursor_alert = Оповещение о прекурсорах
field-Request-technical_assistance = Техническая помощь
field-Request-execution = Выполнение просьбы
field-Request-partial_execution = Частичное выполнение просьбы
field-Request-refusal = Отказ
field-Request-postponement = Отсрочка
field-Request-consultation = Консультации
field-Request-information_request = Запрос дополнительной информации
field-Request-information_response = Дополнительная информация
field-Request-progress = Сообщение о ходе выполнения просьбы
field-Request-confidentiality_notice = Уведомление о конфиденциальности
field-Request-consent_to_use = Согласие на использование
field-Request-amendment = Изменение просьбы
field-Request-withdrawal = Отзыв просьбы
field-Request-closing = Закрытие дела

## WantedBy

field-WantedBy-date = Желателен до
field-WantedBy-reason = Причины установления срока

## Handling

field-Handling-tlp = Метка TLP
field-Handling-intelligence_only = Только для оперативных целей
field-Handling-no_dissemination = Не подлежит дальнейшей передаче
field-Handling-consented = Согласие на использование дано
field-Handling-victim_protected = Сведения о потерпевших защищены
field-Handling-sealed_fact = Наличие и существо конфиденциальны
field-Handling-caveat = Ограничения или согласие (текст)

## OralRequest

field-OralRequest-made_at = Когда передана
field-OralRequest-made_by = Кем передана
field-OralRequest-taken_by = Кем принята
field-OralRequest-means = Способ передачи

## LegalBasis

field-LegalBasis-instrument = Договор или иное основание
field-LegalBasis-article = Статья и пункт
field-LegalBasis-name = Название договора или закона

## Attachment

field-Attachment-name = Имя файла
field-Attachment-media_type = Тип файла (MIME)
field-Attachment-size = Размер в байтах
field-Attachment-sha256 = Хеш SHA-256
field-Attachment-language = Язык
field-Attachment-translation_of = Перевод приложения (номер)

## Date

field-Date-iso = Дата (григорианский календарь)
field-Date-calendar = Календарь оригинала
field-Date-as_written = Как написано
field-Date-precision = Точность

## Moment

field-Moment-time = Дата и время
field-Moment-as_written = Как написано
field-Moment-calendar = Календарь оригинала

## Period

field-Period-begins = С
field-Period-ends = По

## TimeWindow

field-TimeWindow-begins = С
field-TimeWindow-ends = По

## Place

field-Place-name = Название места
field-Place-address = Адрес
field-Place-locality = Населенный пункт
field-Place-region = Регион
field-Place-state = Государство
field-Place-latitude = Широта
field-Place-longitude = Долгота
field-Place-identifiers = Идентификационные номера

## Identifier

field-Identifier-scheme = Вид номера
field-Identifier-value = Номер
field-Identifier-issuer = Кем выдан
field-Identifier-expires = Действителен до

## Amount

field-Amount-currency = Валюта
field-Amount-value = Сумма

## Transliteration

field-Transliteration-text = Транслитерация
field-Transliteration-scheme = Система или написание

## PersonName

field-PersonName-text = Имя в исходной письменности
field-PersonName-language = Язык имени
field-PersonName-script = Письменность
field-PersonName-transliterations = Транслитерации
field-PersonName-aliases = Иные используемые имена
field-PersonName-father_name = Имя отца
field-PersonName-mother_name = Имя матери

## Person

field-Person-names = Имена
field-Person-birth_date = Дата рождения
field-Person-birth_place = Место рождения
field-Person-nationalities = Гражданство
field-Person-location = Местонахождение
field-Person-identifiers = Документы и номера личности
field-Person-sex = Пол
field-Person-role = Процессуальное положение
field-Person-description = Приметы
field-Person-connection = Связь с делом
field-Person-identity_withheld = Личность намеренно не раскрывается

## OrganizationName

field-OrganizationName-text = Наименование в исходной письменности
field-OrganizationName-language = Язык наименования
field-OrganizationName-script = Письменность
field-OrganizationName-transliterations = Транслитерации
field-OrganizationName-aliases = Иные используемые имена

## Organization

field-Organization-names = Наименования
field-Organization-legal_form = Организационно-правовая форма
field-Organization-state = Государство регистрации
field-Organization-location = Место нахождения
field-Organization-identifiers = Регистрационные и иные номера
field-Organization-people = Руководители и владельцы (номера)
field-Organization-connection = Связь с делом

## Contact

field-Contact-name = Контактное лицо
field-Contact-post = Должность
field-Contact-telephone = Телефон
field-Contact-email = Электронная почта
field-Contact-address = Адрес
field-Contact-languages = Языки общения
field-Contact-round_the_clock = Круглосуточная доступность

## Authority

field-Authority-name = Наименование органа
field-Authority-function = Функции органа
field-Authority-contact = Контактные данные
field-Authority-state = Государство

## Account

field-Account-number = Номер счета
field-Account-institution = Финансовое учреждение
field-Account-branch = Отделение
field-Account-holder = Владелец счета
field-Account-currency = Валюта

## Transfer

field-Transfer-date = Дата перевода
field-Transfer-payer = Счет плательщика
field-Transfer-payee = Счет получателя
field-Transfer-amount = Сумма
field-Transfer-remark = Назначение платежа

## Substance

field-Substance-name = Вещество
field-Substance-cas_number = Номер CAS
field-Substance-mass_grams = Масса в граммах
field-Substance-volume_millilitres = Объем в миллилитрах
field-Substance-purity_percent = Чистота в процентах
field-Substance-hs_code = Код Гармонизированной системы
field-Substance-listing = Включение в списки конвенций
field-Substance-packaging = Упаковка

## CulturalObject

field-CulturalObject-title = Название
field-CulturalObject-category = Вид предмета
field-CulturalObject-materials = Материалы и техника
field-CulturalObject-measurements = Размеры
field-CulturalObject-inscriptions = Надписи и клейма
field-CulturalObject-distinguishing_features = Отличительные признаки
field-CulturalObject-date_or_period = Дата или эпоха
field-CulturalObject-maker = Автор или мастер
field-CulturalObject-origin = Место происхождения
field-CulturalObject-value = Стоимость
field-CulturalObject-photographs = Фотографии (номера приложений)
field-CulturalObject-identifiers = Инвентарные и иные номера

## Conveyance

field-Conveyance-form = Вид транспортного средства
field-Conveyance-registration = Регистрационный знак или номер
field-Conveyance-state = Государство регистрации или флага
field-Conveyance-name = Название
field-Conveyance-description = Описание
field-Conveyance-identifiers = Идентификационные номера

## Offence

field-Offence-code = Преступление
field-Offence-title = Квалификация по национальному законодательству
field-Offence-provision = Закон и статья
field-Offence-text = Текст положения
field-Offence-penalty = Текст санкции
field-Offence-committed = Время совершения
field-Offence-prescribed_on = Дата истечения срока давности

## CourtDecision

field-CourtDecision-form = Вид решения
field-CourtDecision-issued_by = Кем вынесено
field-CourtDecision-date = Дата решения
field-CourtDecision-reference = Номер решения
field-CourtDecision-operative_part = Резолютивная часть
field-CourtDecision-is_final = Не подлежит обычному обжалованию
field-CourtDecision-in_absentia = Вынесено заочно
field-CourtDecision-copy = Юридически допустимая копия (приложение)

## Proceeding

field-Proceeding-subject_matter = Существо вопроса
field-Proceeding-nature = Характер производства
field-Proceeding-conducted_by = Осуществляющий его орган
field-Proceeding-reference = Номер дела

## Facts

field-Facts-summary = Краткое изложение соответствующих фактов
field-Facts-period = Время событий
field-Facts-places = Места
field-Facts-amounts = Суммы
field-Facts-accounts = Счета
field-Facts-substances = Вещества
field-Facts-cultural_objects = Культурные ценности
field-Facts-conveyances = Транспортные средства и контейнеры

## Matter

field-Matter-proceeding = Расследование, преследование или судебное разбирательство
field-Matter-facts = Соответствующие факты
field-Matter-charges = Вменяемые преступления
field-Matter-persons = Соответствующие лица
field-Matter-organizations = Соответствующие организации
field-Matter-purpose = Цель, для которой запрашивается помощь
## MutualLegalAssistance

field-MutualLegalAssistance-matter = Существо дела
field-MutualLegalAssistance-assistance = Запрашиваемая помощь
field-MutualLegalAssistance-attendance = Просьба о присутствии должностных лиц
field-MutualLegalAssistance-costs = Предполагаемые расходы

## Assistance

field-Assistance-code = Вид помощи
field-Assistance-description = Описание запрашиваемой помощи
field-Assistance-procedure = Конкретная процедура, подлежащая соблюдению
field-Assistance-persons = Соответствующие лица (номера)
field-Assistance-organizations = Соответствующие организации (номера)
field-Assistance-places = Соответствующие места
field-Assistance-decision = Решение, на котором она основана
field-Assistance-hearing = Получение показаний или заслушивание
field-Assistance-service = Вручение документов
field-Assistance-records = Документы и материалы
field-Assistance-search = Обыск, арест или замораживание
field-Assistance-custody = Передача лица, находящегося под стражей
field-Assistance-data = Сохранение или предоставление данных
field-Assistance-delivery = Контролируемая поставка

## Assistance.Hearing

field-Assistance_Hearing-questions = Вопросы, которые следует задать
field-Assistance_Hearing-solemn_form = Присяга или торжественная форма
field-Assistance_Hearing-cautions = Разъясняемые права и обязанности
field-Assistance_Hearing-proposed = Предлагаемое время
field-Assistance_Hearing-technical_needs = Технические условия заслушивания

## Assistance.Service

field-Assistance_Service-document = Вручаемый документ
field-Assistance_Service-attachments = Приложения (номера)
field-Assistance_Service-appear_at = Место явки
field-Assistance_Service-appear_on = Время явки
field-Assistance_Service-serve_by = Вручить не позднее
field-Assistance_Service-safe_conduct = Гарантия личной безопасности
field-Assistance_Service-personal = Требуется вручение лично

## Assistance.Records

field-Assistance_Records-holder = Держатель документов
field-Assistance_Records-accounts = Счета
field-Assistance_Records-period = Охватываемый период
field-Assistance_Records-wanted = Запрашиваемые документы
field-Assistance_Records-certification = Форма заверения

## Assistance.Search

field-Assistance_Search-items = Искомые или изымаемые предметы
field-Assistance_Search-accounts = Счета, подлежащие аресту или замораживанию
field-Assistance_Search-values = Суммы, подлежащие аресту или замораживанию

## Assistance.Custody

field-Assistance_Custody-consented_on = Дата согласия лица
field-Assistance_Custody-period = Срок передачи
field-Assistance_Custody-arrangements = Содержание под стражей и возвращение

## Assistance.Data

field-Assistance_Data-provider = Поставщик услуг
field-Assistance_Data-identifiers = Учетные записи, номера и адреса
field-Assistance_Data-window = Период, к которому относятся данные
field-Assistance_Data-categories = Категории данных

## Assistance.Delivery

field-Assistance_Delivery-route = Маршрут
field-Assistance_Delivery-window = Время поставки
field-Assistance_Delivery-conveyances = Транспортные средства и контейнеры
field-Assistance_Delivery-substances = Вещества
field-Assistance_Delivery-method = Метод поставки

## Confiscation

field-Confiscation-matter = Существо дела
field-Confiscation-property = Имущество, подлежащее конфискации
field-Confiscation-domestic_order = Постановление, которое надлежит получить
field-Confiscation-enforce_order = Постановление, подлежащее исполнению
field-Confiscation-freeze = Отслеживание, замораживание или арест
field-Confiscation-disposal = Возвращение, распоряжение и раздел

## Confiscation.Property

field-Confiscation_Property-description = Описание имущества
field-Confiscation_Property-location = Местонахождение имущества
field-Confiscation_Property-estimated_value = Предполагаемая стоимость
field-Confiscation_Property-account = Счет
field-Confiscation_Property-holder = Владелец имущества
field-Confiscation_Property-link = Связь с преступлением

## Confiscation.DomesticOrder

field-Confiscation_DomesticOrder-grounds = Факты, на которые делается ссылка

## Confiscation.EnforceOrder

field-Confiscation_EnforceOrder-order = Постановление о конфискации
field-Confiscation_EnforceOrder-grounds = Факты, на которые делается ссылка
field-Confiscation_EnforceOrder-extent = Запрашиваемый объем исполнения
field-Confiscation_EnforceOrder-extent_value = Сумма, подлежащая взысканию
field-Confiscation_EnforceOrder-bona_fide_measures = Уведомление добросовестных третьих сторон
field-Confiscation_EnforceOrder-due_process = Соблюдение надлежащей процедуры
field-Confiscation_EnforceOrder-finality = Окончательный характер постановления

## Confiscation.Freeze

field-Confiscation_Freeze-grounds = Факты, на которые делается ссылка
field-Confiscation_Freeze-actions = Запрашиваемые меры
field-Confiscation_Freeze-order = Постановление, на котором основана просьба
field-Confiscation_Freeze-period = Срок действия мер

## Extradition

field-Extradition-matter = Существо дела
field-Extradition-person = Запрашиваемое лицо
field-Extradition-aim = Цель выдачи
field-Extradition-decisions = Постановления об аресте и приговоры
field-Extradition-remaining_sentence = Неотбытая часть наказания
field-Extradition-assurances = Предоставленные гарантии
field-Extradition-surrender = Порядок и место передачи

## ProvisionalArrest

field-ProvisionalArrest-matter = Существо дела
field-ProvisionalArrest-person = Запрашиваемое лицо
field-ProvisionalArrest-decision = Постановление об аресте или приговор
field-ProvisionalArrest-reason = Причины срочности
field-ProvisionalArrest-extradition_follows = Просьба о выдаче последует
field-ProvisionalArrest-within_days = Через сколько дней
field-ProvisionalArrest-remaining_sentence = Неотбытая часть наказания

## TransferSentencedPerson

field-TransferSentencedPerson-matter = Существо дела
field-TransferSentencedPerson-person = Осужденное лицо
field-TransferSentencedPerson-judgment = Приговор
field-TransferSentencedPerson-sentence = Назначенное наказание
field-TransferSentencedPerson-served_from = Отбывается с
field-TransferSentencedPerson-ends_on = Окончание срока наказания
field-TransferSentencedPerson-initiative = По чьей инициативе
field-TransferSentencedPerson-consented_on = Дата согласия лица
field-TransferSentencedPerson-ties = Связи: семья, место жительства, язык
field-TransferSentencedPerson-health = Состояние здоровья

## TransferOfProceedings

field-TransferOfProceedings-matter = Существо дела
field-TransferOfProceedings-reason = Интересы надлежащего отправления правосудия
field-TransferOfProceedings-gathered = Собранные доказательства и принятые меры
field-TransferOfProceedings-file = Материалы дела (номера приложений)
field-TransferOfProceedings-stayed = Собственное производство приостановлено
field-TransferOfProceedings-views = Мнения потерпевших и обвиняемого

## SpontaneousInformation

field-SpontaneousInformation-information = Информация
field-SpontaneousInformation-relevance = Значение для адресата
field-SpontaneousInformation-persons = Соответствующие лица
field-SpontaneousInformation-organizations = Соответствующие организации
field-SpontaneousInformation-accounts = Счета
field-SpontaneousInformation-restrictions = Ограничения на использование
field-SpontaneousInformation-restricted_until = Ограничения действуют до

## FinancialIntelligence

field-FinancialIntelligence-mode = Запрос, ответ или передача
field-FinancialIntelligence-persons = Лица (объекты запроса)
field-FinancialIntelligence-organizations = Организации (объекты запроса)
field-FinancialIntelligence-accounts = Счета
field-FinancialIntelligence-suspicion = Подозрение
field-FinancialIntelligence-link = Связь с государством адресата
field-FinancialIntelligence-purpose = Цель использования
field-FinancialIntelligence-onward = Согласие на дальнейшую передачу
field-FinancialIntelligence-conditions = Условия использования
field-FinancialIntelligence-sought = Запрашиваемая информация
field-FinancialIntelligence-transfers = Переводы
field-FinancialIntelligence-transfer_count = Количество переводов
field-FinancialIntelligence-transfer_total = Общая сумма переводов
field-FinancialIntelligence-period = Охватываемый период

## JointOperation

field-JointOperation-objective = Цель
field-JointOperation-members = Участвующие органы
field-JointOperation-window = Время проведения операции
field-JointOperation-area = Район проведения операции
field-JointOperation-tasks = Задачи
field-JointOperation-persons = Соответствующие лица
field-JointOperation-organizations = Соответствующие организации
field-JointOperation-substances = Вещества
field-JointOperation-conveyances = Транспортные средства и контейнеры
field-JointOperation-powers = Полномочия и применимое право
field-JointOperation-communication = Связь между участниками

## JointOperation.Member

field-JointOperation_Member-authority = Орган
field-JointOperation_Member-leads = Руководит операцией
field-JointOperation_Member-contacts = Контактные лица

## JointOperation.Task

field-JointOperation_Task-description = Описание задачи
field-JointOperation_Task-member = Ответственный участник (номер)
field-JointOperation_Task-window = Время выполнения
field-JointOperation_Task-place = Место выполнения

## BorderAlert

field-BorderAlert-crossing = Пункт пропуска
field-BorderAlert-expected_at = Ожидаемое время пересечения
field-BorderAlert-direction = Направление движения
field-BorderAlert-persons = Соответствующие лица
field-BorderAlert-conveyances = Транспортные средства и контейнеры
field-BorderAlert-substances = Вещества
field-BorderAlert-goods = Товары или иные предметы
field-BorderAlert-actions = Запрашиваемые меры
field-BorderAlert-reason = Причины оповещения
field-BorderAlert-expires_at = Оповещение утрачивает силу после
field-BorderAlert-contact = Контактное лицо по оповещению

## PrecursorAlert

field-PrecursorAlert-substances = Прекурсоры и иные вещества
field-PrecursorAlert-parties = Участники поставки
field-PrecursorAlert-route = Маршрут груза
field-PrecursorAlert-departs = Отправление груза
field-PrecursorAlert-arrives = Прибытие груза
field-PrecursorAlert-conveyances = Транспортные средства и контейнеры
field-PrecursorAlert-papers = Разрешения и коммерческие документы
field-PrecursorAlert-reason = Основания подозревать утечку
field-PrecursorAlert-actions = Запрашиваемые меры

## PrecursorAlert.Party

field-PrecursorAlert_Party-part = Роль в поставке
field-PrecursorAlert_Party-organization = Организация
field-PrecursorAlert_Party-person = Физическое лицо

## TechnicalAssistance

field-TechnicalAssistance-subtype = Вид помощи
field-TechnicalAssistance-need = Потребность
field-TechnicalAssistance-priority = Приоритетность
field-TechnicalAssistance-beneficiary = Получатель помощи
field-TechnicalAssistance-outcome = Ожидаемый результат
field-TechnicalAssistance-period = Период
field-TechnicalAssistance-budget = Бюджет
field-TechnicalAssistance-participants = Число участников
field-TechnicalAssistance-is_offer = Предложение, а не просьба

## ExecutedItem

field-ExecutedItem-item = Пункт просьбы (номер)
field-ExecutedItem-description = Что сделано
field-ExecutedItem-attachments = Приложения (номера)
field-ExecutedItem-procedure = Соблюденная процедура
field-ExecutedItem-done_on = Дата выполнения
field-ExecutedItem-done_by = Исполняющий орган
field-ExecutedItem-certification = Печать, подпись и удостоверение

## Execution

field-Execution-results = Результаты выполнения
field-Execution-conditions = Условия использования
field-Execution-to_return = Подлинники, подлежащие возврату
field-Execution-costs = Чрезвычайные расходы
field-Execution-remarks = Примечания

## PartialExecution

field-PartialExecution-results = Результаты выполнения
field-PartialExecution-outstanding = Невыполненные пункты
field-PartialExecution-conditions = Условия использования
field-PartialExecution-remarks = Примечания

## PartialExecution.Outstanding

field-PartialExecution_Outstanding-item = Пункт просьбы (номер)
field-PartialExecution_Outstanding-reason = Причины невыполнения
field-PartialExecution_Outstanding-expected = Ожидаемая дата
field-PartialExecution_Outstanding-refused = Отказано
field-PartialExecution_Outstanding-ground = Основание для отказа

## Refusal

field-Refusal-reasons = Причины отказа
field-Refusal-items = Пункты, в которых отказано (номера)
field-Refusal-consulted_on = Дата консультаций
field-Refusal-consultation = Предложенные или проведенные консультации
field-Refusal-remedy = Что позволило бы оказать помощь

## Refusal.Reason

field-Refusal_Reason-ground = Основание для отказа
field-Refusal_Reason-text = Изложение причин
field-Refusal_Reason-provision = Положение закона

## Postponement

field-Postponement-reason = Причины отсрочки
field-Postponement-review_on = Дата пересмотра
field-Postponement-items = Отсроченные пункты (номера)
field-Postponement-consulted_on = Дата консультаций
field-Postponement-terms_offered = Условия немедленного оказания помощи

## Consultation

field-Consultation-intent = Предмет консультаций
field-Consultation-explanation = Пояснения
field-Consultation-ground = Основание для отказа
field-Consultation-terms = Сроки и условия
field-Consultation-reply_by = Ответ желателен до
field-Consultation-meeting = Предлагаемое время встречи

## InformationRequest

field-InformationRequest-questions = Вопросы
field-InformationRequest-reply_by = Ответ желателен до
field-InformationRequest-execution_waits = Выполнение ожидает ответа

## InformationRequest.Question

field-InformationRequest_Question-text = Вопрос
field-InformationRequest_Question-item = Подпункт статьи (буква)
field-InformationRequest_Question-reason = Почему это необходимо

## InformationResponse

field-InformationResponse-answers = Ответы
field-InformationResponse-supplement = Дополнение к существу дела

## InformationResponse.Answer

field-InformationResponse_Answer-question = Вопрос (номер)
field-InformationResponse_Answer-text = Ответ
field-InformationResponse_Answer-attachments = Приложения (номера)
field-InformationResponse_Answer-unavailable = Почему ответ невозможен

## Progress

field-Progress-report = Ход выполнения
field-Progress-done = Выполненные пункты (номера)
field-Progress-expected = Ожидаемая дата завершения
field-Progress-next_report = Дата следующего сообщения
field-Progress-obstacle = Препятствия

## ConfidentialityNotice

field-ConfidentialityNotice-notice = Предмет уведомления
field-ConfidentialityNotice-explanation = Пояснения
field-ConfidentialityNotice-disclosed = Что раскрывается
field-ConfidentialityNotice-disclosed_to = Кому раскрывается
field-ConfidentialityNotice-disclosed_on = Дата раскрытия
field-ConfidentialityNotice-asks_to_proceed = Запрос: следует ли тем не менее выполнять
field-ConfidentialityNotice-reply_by = Ответ желателен до

## ConsentToUse

field-ConsentToUse-step = Согласие запрошено или дано
field-ConsentToUse-material = Соответствующие материалы
field-ConsentToUse-packets = Соответствующие отправления (идентификаторы)
field-ConsentToUse-proceeding = Иное производство
field-ConsentToUse-intended_use = Предполагаемое использование
field-ConsentToUse-recipients = Кому передается
field-ConsentToUse-conditions = Условия использования
field-ConsentToUse-reason = Причины

## Amendment

field-Amendment-reason = Причины изменения
field-Amendment-changes = Изменения
field-Amendment-matter = Существо дела в измененном виде
field-Amendment-assistance = Дополнительно запрашиваемая помощь
field-Amendment-dropped = Снятые пункты (номера)

## Amendment.Change

field-Amendment_Change-what = Что изменяется
field-Amendment_Change-before = Прежняя редакция
field-Amendment_Change-after = Новая редакция

## Withdrawal

field-Withdrawal-reason = Причины отзыва
field-Withdrawal-material = Уже собранные материалы

## Closing

field-Closing-result = Результат
field-Closing-use_made = Использование полученной помощи
field-Closing-material = Подлинники и копии
field-Closing-remarks = Примечания
