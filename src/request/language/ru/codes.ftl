### Terms of the treaties' own Russian versions, as far as known; "for review" stands over those that are unsure.

## Kinds of packet (Kind.Code): titles of UNTOC 16 to 21, UNCAC 44 to 50, 1988 6 to 8 where there is one.

kind-mutual_legal_assistance = взаимная правовая помощь
kind-confiscation = конфискация
kind-extradition = выдача
kind-provisional_arrest = временный арест
kind-transfer_sentenced_person = передача осужденного лица
kind-transfer_of_proceedings = передача уголовного производства
kind-spontaneous_information = информация, передаваемая без предварительной просьбы
kind-financial_intelligence = оперативная финансовая информация
kind-joint_operation = совместная операция
# for review
kind-border_alert = пограничное оповещение
# for review
kind-precursor_alert = оповещение о прекурсорах
kind-technical_assistance = техническая помощь
kind-execution = выполнение просьбы
kind-partial_execution = частичное выполнение просьбы
kind-refusal = отказ
kind-postponement = отсрочка
kind-consultation = консультации
kind-information_request = запрос дополнительной информации
kind-information_response = дополнительная информация
kind-progress = сообщение о ходе выполнения просьбы
kind-confidentiality_notice = уведомление о конфиденциальности
kind-consent_to_use = согласие на использование
kind-amendment = изменение просьбы
kind-withdrawal = отзыв просьбы
kind-closing = закрытие дела

## Urgency (Urgency.Code), of a request.

urgency-routine = обычная
urgency-priority = приоритетная
urgency-urgent = срочная
urgency-oral_confirmed = устная просьба, подтвержденная в письменной форме

## Status of a case (Status.Code), said of the request.

status-registered = зарегистрирована
status-returned = возвращена как неполная
status-information_needed = требуется дополнительная информация
status-information_given = дополнительная информация предоставлена
status-accepted = принята к выполнению
status-consultation = идут консультации
status-postponed = отсрочена
status-refused = отклонена
status-partly_executed = выполнена частично
status-executed = выполнена
status-withdrawn = отозвана
status-closed = закрыта

## Grounds of refusal (Status.Ground): UNTOC 18(21), 18(9), 18(25), 16; UNCAC 46(21), 46(9); 1988 7(15).

ground-not_in_conformity = просьба представлена не в соответствии с положениями договора
ground-sovereignty_security = ущерб суверенитету, безопасности, публичному порядку или другим жизненно важным интересам
ground-domestic_law_prohibits = запрет внутренним законодательством запрашиваемых мер в отношении аналогичного преступления
ground-contrary_to_legal_system = противоречие правовой системе применительно к вопросам взаимной правовой помощи
ground-dual_criminality = отсутствие обоюдного признания деяния преступлением
ground-de_minimis = вопросы характера de minimis
ground-ongoing_proceedings = воспрепятствование осуществляемому расследованию, уголовному преследованию или судебному разбирательству
ground-nationality = гражданство запрашиваемого лица
ground-prescription = истечение срока давности
ground-double_jeopardy = недопустимость повторного осуждения (ne bis in idem)
ground-discrimination = дискриминационное преследование или наказание
ground-political_offence = политическое преступление
ground-military_offence = воинское преступление
ground-torture_risk = угроза пыток или жестокого, бесчеловечного или унижающего достоинство обращения
ground-other_ground = иное основание
ground-bank_secrecy = банковская тайна
ground-fiscal_matters = налоговые вопросы

## Legal basis (LegalBasis.Instrument), by the treaties' own titles.

instrument-untoc = Конвенция Организации Объединенных Наций против транснациональной организованной преступности
instrument-uncac = Конвенция Организации Объединенных Наций против коррупции
instrument-convention_1988 = Конвенция Организации Объединенных Наций о борьбе против незаконного оборота наркотических средств и психотропных веществ 1988 года
instrument-bilateral = двусторонний договор
instrument-regional = региональный договор
instrument-reciprocity = взаимность
instrument-domestic_law = внутреннее законодательство

## Assistance (Assistance.Code): the items of UNTOC 18(3) and UNCAC 46(3), and what other paragraphs add.

assistance-evidence_or_statements = получение свидетельских показаний или заявлений от отдельных лиц
assistance-service_of_documents = вручение судебных документов
assistance-search_or_seizure = проведение обыска и наложение ареста
assistance-freezing = приостановление операций (замораживание)
assistance-objects_or_sites = осмотр объектов и участков местности
assistance-information_or_items = предоставление информации и вещественных доказательств
assistance-expert_evaluation = оценки экспертов
assistance-documents_and_records = подлинники или заверенные копии документов и материалов
assistance-tracing_proceeds = выявление или отслеживание доходов от преступлений, имущества или средств совершения преступлений для целей доказывания
assistance-voluntary_appearance = содействие добровольной явке лиц
assistance-other = иная помощь, не противоречащая внутреннему законодательству
assistance-proceeds_identification = выявление, замораживание и отслеживание доходов от преступлений
# for review
assistance-asset_recovery = изъятие активов
assistance-detained_person_transfer = передача лица, находящегося под стражей или отбывающего наказание
assistance-video_hearing = заслушивание с помощью видеосвязи
assistance-preservation = обеспечение сохранности данных
assistance-stored_data = хранимые данные
assistance-traffic_data = данные о трафике
assistance-controlled_delivery = контролируемая поставка
assistance-joint_investigation = совместное расследование

## Offences (Offence.Code).

offence-organized_group = участие в организованной преступной группе
offence-laundering = отмывание доходов от преступлений
offence-corruption = коррупция
offence-obstruction = воспрепятствование осуществлению правосудия
offence-drugs = незаконный оборот наркотических средств и психотропных веществ
offence-precursors = утечка прекурсоров
offence-trafficking_in_persons = торговля людьми
offence-smuggling_of_migrants = незаконный ввоз мигрантов
offence-firearms = незаконное изготовление и оборот огнестрельного оружия
offence-cultural_property = незаконный оборот культурных ценностей
offence-cybercrime = киберпреступность
offence-piracy = пиратство
offence-terrorist_financing = финансирование терроризма
offence-other_serious_crime = иное серьезное преступление

## Events of transport (Event.Code), after ETSI EN 319 522-1.

# for review
event-submission_acceptance = отправление принято
# for review
event-submission_rejection = отправление отклонено
# for review
event-relay_acceptance = передача принята
# for review
event-relay_rejection = передача отклонена
# for review
event-relay_failure = передача не удалась
# for review
event-content_consignment = содержание предоставлено в распоряжение адресата
# for review
event-content_consignment_failure = содержание не удалось предоставить в распоряжение адресата
# for review
event-content_handover = содержание вручено адресату
# for review
event-content_handover_failure = содержание не удалось вручить

## Causes (Cause.Code), why a gateway refused something or put it off.

cause-malformed = неверная форма
cause-suite_unsupported = набор криптографических средств не поддерживается
cause-signature_missing = подпись отсутствует
cause-signature_invalid = подпись недействительна
cause-key_not_valid = ключ для этого недействителен
cause-wrong_recipient = предназначено другому адресату
cause-id_conflict = идентификатор уже использован для другого
cause-expired = срок истек
cause-too_large = слишком большой объем
cause-content_key_gone = ключ содержания более не имеется
cause-key_box_invalid = контейнер ключа недействителен
cause-object_invalid = объект не соответствует подписанному заголовку
cause-body_malformed = содержание не поддается чтению
cause-body_inconsistent = содержание противоречит заголовку или приложениям
cause-illegal_transition = шаг не допускается при данном состоянии дела
cause-chain_conflict = противоречит последовательности статусов
cause-order_violated = порядок нарушен
# for review
cause-pairing_ended = связь между органами прекращена
cause-kind_not_taken = вид просьбы не принимается
cause-language_not_taken = язык не принимается
cause-content_deficient = содержание не отвечает требованиям договора
cause-busy = занято
cause-storage_full = хранилище заполнено
cause-key_unknown = ключ пока не известен
cause-predecessor_missing = отсутствует предшествующее отправление
cause-clock_ahead = часы отправителя спешат
cause-status_gap = отсутствует предшествующий статус
cause-objects_incomplete = объекты получены не полностью
cause-recovering = шлюз восстанавливается
# for review
cause-pairing_suspended = связь между органами приостановлена
cause-no_answer = нет ответа

## Traffic Light Protocol 2.0 (Handling.Tlp): the labels stay as they are in every language.

tlp-unmarked = без метки
tlp-clear = TLP:CLEAR
tlp-green = TLP:GREEN
tlp-amber = TLP:AMBER
tlp-amber_strict = TLP:AMBER+STRICT
tlp-red = TLP:RED

## Handling of the content (flags of Handling).

handling-intelligence_only = только для оперативных целей, не в качестве доказательства
handling-no_dissemination = не подлежит дальнейшей передаче
handling-consented = согласие на использование дано на указанных условиях
handling-victim_protected = сведения о потерпевших защищены
handling-sealed_fact = наличие и существо просьбы конфиденциальны

## Calendars (Date.Calendar).

calendar-gregorian = григорианский
calendar-solar_hijri = солнечная хиджра
calendar-lunar_hijri = лунная хиджра

## How exact a date is (Date.Precision).

precision-day = с точностью до дня
precision-month = с точностью до месяца
precision-year = с точностью до года
precision-approximate = приблизительно

## Sex of a person (Person.Sex).

sex-female = женский
sex-male = мужской
sex-other_sex = иной

## What a person is in the matter (Person.Role).

role-suspect = подозреваемый
role-accused = обвиняемый
role-convicted = осужденный
role-sought = запрашиваемое лицо
role-witness = свидетель
role-expert = эксперт
role-victim = потерпевший
role-third_party = третье лицо
role-addressee = лицо, которому вручается документ
role-other_role = иное

## Conveyances (Conveyance.Form).

conveyance-road = автотранспортное средство
conveyance-rail = железнодорожное транспортное средство
conveyance-vessel = судно
conveyance-aircraft = воздушное судно
conveyance-container = контейнер

## Listing of a substance (Substance.Listing) under the drug conventions.

listing-table_one = Таблица I Конвенции 1988 года
listing-table_two = Таблица II Конвенции 1988 года
listing-scheduled_drug = включено в списки Конвенции 1961 года или 1971 года
listing-unlisted = не включено в списки

## Decisions of courts and other authorities (CourtDecision.Form).

decision-arrest_warrant = постановление об аресте
decision-judgment = приговор или судебное решение
decision-confiscation_order = постановление о конфискации
decision-freezing_order = постановление о замораживании или аресте
decision-production_order = постановление о представлении документов
decision-search_warrant = постановление об обыске
decision-indictment = обвинительное заключение
decision-other_decision = иное решение

## Nature of the proceeding (Proceeding.Nature): item (b) of UNTOC 18(15), UNCAC 46(15), 1988 7(10).

nature-investigation = расследование
nature-prosecution = уголовное преследование
nature-trial = судебное разбирательство
nature-enforcement = исполнение решения

## Aim of an extradition (Extradition.Aim).

aim-prosecution = уголовное преследование
aim-sentence = исполнение наказания

## Who wishes the transfer of a sentenced person (TransferSentencedPerson.Initiative).

initiative-sentencing_state = государство вынесения приговора
initiative-administering_state = государство исполнения приговора
initiative-sentenced_person = осужденное лицо

## Financial intelligence: its mode (FinancialIntelligence.Mode).

mode-inquiry = запрос
mode-answer = ответ на запрос
mode-disclosure = передача информации по собственной инициативе

## Financial intelligence: how far it may be passed on (FinancialIntelligence.Onward).

onward-none = передача не допускается
onward-on_request = по запросу в каждом отдельном случае
onward-as_intelligence = компетентным органам, для оперативных целей
onward-as_evidence = компетентным органам, в том числе в качестве доказательства

## What is asked at a crossing (BorderAlert.Action).

action-notify = уведомить
action-observe = негласно наблюдать
action-check = проверить
action-stop = остановить

## Parties to a consignment (PrecursorAlert.Party.Part).

part-exporter = экспортер
part-importer = импортер
part-consignee = грузополучатель
part-broker = посредник
part-carrier = перевозчик
part-manufacturer = изготовитель
part-end_user = конечный пользователь

## Technical assistance: what it consists of (TechnicalAssistance.Subtype).

subtype-training = подготовка кадров
subtype-equipment = оборудование
subtype-expert_mission = миссия экспертов
subtype-legislation = помощь в разработке законодательства
subtype-knowledge_exchange = обмен знаниями

## Technical assistance: its priority (TechnicalAssistance.Level).

level-low = низкий
level-medium = средний
level-high = высокий

## What a consultation is for (Consultation.Intent).

intent-before_refusal = перед отказом
intent-before_postponement = перед отсрочкой
intent-on_conditions = об условиях
intent-on_costs = о расходах
intent-on_jurisdiction = о юрисдикции
intent-answer = ответ в рамках консультаций
intent-on_other = по иному вопросу

## Notices about confidentiality (ConfidentialityNotice.Case).

notice-cannot_keep = требование о конфиденциальности не может быть соблюдено
notice-exculpatory = раскрытие информации, оправдывающей обвиняемого
notice-compelled = раскрытие по требованию суда или закона
notice-breached = конфиденциальность нарушена

## Consent to use (ConsentToUse.Step): UNTOC 18(19), UNCAC 46(19), 1988 7(13).

step-asked = согласие запрошено
step-given = согласие дано
step-given_on_conditions = согласие дано на определенных условиях
step-denied = в согласии отказано

## How a case ended for its sender (Closing.Result).

result-satisfied = просьба удовлетворена
result-partly_satisfied = просьба удовлетворена частично
result-unsatisfied = просьба не удовлетворена
result-overtaken = просьба утратила актуальность

## Why an officer opened content (OpeningPurpose.Code).

purpose-not_said = не указано
purpose-execution = выполнение просьбы или использование ответа
purpose-review = проверка вышестоящим должностным лицом
purpose-appeal = обжалование решения
purpose-audit = аудит
purpose-technical = обслуживание шлюза
purpose-other = иное

## Why content was destroyed (ErasureReason.Code).

erasure-retention_over = срок хранения истек
erasure-court_order = по постановлению суда или иного органа
erasure-request_withdrawn = просьба отозвана
erasure-sent_in_error = отправлено по ошибке
erasure-other = иная причина
