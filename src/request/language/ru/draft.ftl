## What a draft says in its head and its comments: each message is one line there, behind a "#".

draft-head = Проект отправления: { $kind }. Правовое основание: { $basis }.
draft-next = Далее: заполнить, проверить командой `rogatory check ФАЙЛ`, затем отправить командой `rogatory send ФАЙЛ`.
draft-required = обязательно: { $article }
draft-where-possible = по возможности: { $article }
draft-optional = можно опустить
draft-one-of = одно из значений: { $values }
draft-uncomment = Уберите знак # перед каждой нужной строкой; остальные можно оставить как есть.
draft-date = Дата указывается по григорианскому календарю с известной точностью: iso = "2026-09-16", "2026-09" или "2026". Если в оригинале другой календарь, укажите и его: calendar = "solar_hijri", as_written = "۱۴۰۵/۰۶/۲۵".
draft-amount = Сумма пишется десятичным числом в кавычках, с точкой, а валюта — по ISO 4217: currency = "EUR", value = "1140.50".
draft-name = Имя приводится в исходной письменности, как в документе; для каждой транслитерации указывается ее система, например "ISO 233-3" или "как в паспорте".
draft-number = Номер, указывающий на позицию в списке (лицо, приложение, пункт), считается с 1; 0 означает, что позиции нет.
draft-attachments = Файлы по порядку; path отсчитывается от папки этого файла. Для перевода указывается номер переведенного приложения: translation_of = 1.
draft-expires = После этого шлюз адресата не примет отправление: число дней ("30d"), дата ("2026-09-16") или время по RFC 3339; не более двух лет вперед.
draft-urgency = routine, priority, urgent (тогда с urgency_reason) или oral_confirmed (тогда с oral_request).
