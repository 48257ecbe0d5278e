# The letter: titles, set phrases, dates. "for review" stands over what is not sure.

## Titles, by kind of packet.

letter-title-mutual_legal_assistance = Просьба об оказании взаимной правовой помощи
letter-title-confiscation = Просьба о конфискации или приостановлении операций
letter-title-extradition = Просьба о выдаче
letter-title-provisional_arrest = Просьба о временном аресте
letter-title-transfer_sentenced_person = Просьба о передаче осуждённого лица
letter-title-transfer_of_proceedings = Просьба о передаче уголовного производства
letter-title-spontaneous_information = Передача информации без предварительной просьбы
letter-title-financial_intelligence = Обмен финансовой информацией
letter-title-joint_operation = Предложение о проведении совместной операции
letter-title-border_alert = Пограничное оповещение
letter-title-precursor_alert = Оповещение о прекурсорах
letter-title-technical_assistance = Просьба о технической помощи
letter-title-execution = Исполнение просьбы
letter-title-partial_execution = Частичное исполнение просьбы
letter-title-refusal = Мотивированный отказ в исполнении просьбы
letter-title-postponement = Отсрочка исполнения
letter-title-consultation = Консультации
letter-title-information_request = Просьба о дополнительной информации
letter-title-information_response = Дополнительная информация
letter-title-progress = Сообщение о ходе исполнения
letter-title-confidentiality_notice = Уведомление о конфиденциальности
letter-title-consent_to_use = Согласие на использование
letter-title-amendment = Изменение просьбы
letter-title-withdrawal = Отзыв просьбы
letter-title-closing = Завершение дела
letter-title-receipt = Уведомление о получении

## The opening sentence.

letter-opening-request = Нижеуказанный орган свидетельствует своё уважение центральному органу { $recipient } и имеет честь направить следующую просьбу на основании: { $basis }.
letter-opening-request-bare = Нижеуказанный орган свидетельствует своё уважение центральному органу { $recipient } и имеет честь направить следующую просьбу.
letter-opening-information = Нижеуказанный орган свидетельствует своё уважение центральному органу { $recipient } и имеет честь сообщить следующее.
letter-opening-answer = Ссылаясь на просьбу по вышеуказанному делу, нижеуказанный орган имеет честь сообщить центральному органу { $recipient } следующее.
letter-opening-refusal = Ссылаясь на просьбу по вышеуказанному делу, нижеуказанный орган с сожалением сообщает центральному органу { $recipient }, что в испрашиваемой помощи отказано по изложенным ниже причинам.
letter-opening-postponement = Ссылаясь на просьбу по вышеуказанному делу, нижеуказанный орган имеет честь сообщить центральному органу { $recipient }, что исполнение отсрочено по изложенной ниже причине.
letter-opening-receipt = Настоящее уведомление указывает, что подписали шлюзы двух органов об отправлении, названном здесь. Оно ничего не говорит ни о его содержании, ни о том, что просьба удовлетворена.

## What stands above and below.

letter-from = От
letter-to = Кому
letter-date = Дата
letter-our-reference = Наш исходящий номер
letter-your-reference = Ваш номер
letter-wanted-by = Ответ желателен до
letter-requesting = Запрашивающий орган
letter-packet = Отправление
letter-case = Дело
letter-in-reply-to = В ответ на отправление
letter-replaces = Заменяет отправление
letter-urgency = Срочность
letter-expires = Не принимается после
letter-kind = Вид
letter-draft = Проект, не отправлено
letter-answering = Отвечающий орган
letter-sending = Направляющий орган
letter-particulars = Сведения
letter-matter = Существо дела
letter-yes = да
letter-article = статья { $article }
letter-labelled = { $label }: { $value }
letter-bracketed = { $value } ({ $note })
letter-comma = ,{" "}
letter-semicolon = ;{" "}
letter-attachment-number = №
letter-attachment-type = Тип
letter-attachment-size = Размер (байт)
letter-attachment-language = Язык
letter-attachment-translation = Перевод №
letter-attachment-digest = SHA-256 приложений
letter-unknown-fields = Поля, неизвестные этой версии программы, в base64
letter-number = № { $n }
letter-regards = Орган пользуется случаем, чтобы возобновить уверения в своём весьма высоком уважении.
letter-signature = Имя, должность и подпись
letter-place = Место и дата
letter-seal = Печать
letter-paper = Настоящий документ — копия для чтения. Обязательную силу имеет отправление, подписанное и запечатанное органом { $sender }.
letter-paper-draft = Настоящий документ составлен по проекту: ничего не подписано и не отправлено.
letter-digest = Хеш подписанного заголовка (SHA-256)
letter-check = Квадрат содержит этот текст; команда { $command } покажет, относится ли доказательство к этому отправлению.
letter-page = стр. { $page } из { $pages }

## The receipt.

letter-receipt-events = Что подписано
letter-receipt-event = Событие
letter-receipt-issuer = Кем подписано
letter-receipt-time = Время (UTC)
letter-receipt-entry = Запись
letter-receipt-cause = Причина
letter-receipt-none = пока ничего
letter-receipt-log = Журнал
letter-receipt-size = Размер журнала
letter-receipt-root = Корневой хеш журнала
letter-receipt-proof = Место в журнале
letter-receipt-state = Объекты
letter-receipt-objects = запечатанных объектов: { $count }, байт: { $bytes }

## Dates and times.

letter-date-gregorian = { $day } { $month } { $year } г.
letter-date-gregorian-month = { $month } { $year } г.
letter-date-gregorian-year = { $year } г.
letter-date-solar = { $day } { $month } { $year } г. солнечной хиджры
letter-date-solar-month = { $month } { $year } г. солнечной хиджры
letter-date-solar-year = { $year } г. солнечной хиджры
letter-date-as-written = в оригинале: { $date }
letter-date-about = около { $date }
letter-date-time = { $date }, { $time } ({ $offset })
letter-from-to = с { $begins } по { $ends }
letter-from-on = начиная с { $begins }
letter-until = до { $ends }
letter-month-1 = января
letter-month-2 = февраля
letter-month-3 = марта
letter-month-4 = апреля
letter-month-5 = мая
letter-month-6 = июня
letter-month-7 = июля
letter-month-8 = августа
letter-month-9 = сентября
letter-month-10 = октября
letter-month-11 = ноября
letter-month-12 = декабря
letter-solar-1 = фарвардина
letter-solar-2 = ордибехешта
letter-solar-3 = хордада
letter-solar-4 = тира
letter-solar-5 = мордада
letter-solar-6 = шахривара
letter-solar-7 = мехра
letter-solar-8 = абана
letter-solar-9 = азара
letter-solar-10 = дея
letter-solar-11 = бахмана
letter-solar-12 = эсфанда

## One of several, by its number.

letter-one-Person = Лицо { $n }
letter-one-Organization = Юридическое лицо { $n }
letter-one-Offence = Преступление { $n }
letter-one-Assistance = Пункт { $n }
letter-one-CourtDecision = Решение { $n }
letter-one-Confiscation_Property = Имущество { $n }
letter-one-JointOperation_Member = Орган { $n }
letter-one-JointOperation_Task = Задача { $n }
letter-one-PrecursorAlert_Party = Сторона { $n }
letter-one-ExecutedItem = Результат { $n }
letter-one-PartialExecution_Outstanding = Неисполненный пункт { $n }
letter-one-Refusal_Reason = Причина { $n }
letter-one-InformationRequest_Question = Вопрос { $n }
letter-one-InformationResponse_Answer = Ответ { $n }
letter-one-Amendment_Change = Изменение { $n }
letter-one-Substance = Вещество { $n }
letter-one-CulturalObject = Предмет { $n }
letter-one-Conveyance = Транспортное средство { $n }
letter-one-Transfer = Перевод { $n }
