# The letter: titles, set phrases, dates. "for review" stands over what is not sure.

## Titles, by kind of packet.

letter-title-mutual_legal_assistance = Letter of request for mutual legal assistance
letter-title-confiscation = Request for confiscation or freezing
letter-title-extradition = Request for extradition
letter-title-provisional_arrest = Request for provisional arrest
letter-title-transfer_sentenced_person = Request for the transfer of a sentenced person
letter-title-transfer_of_proceedings = Request for the transfer of criminal proceedings
letter-title-spontaneous_information = Transmission of information without prior request
letter-title-financial_intelligence = Exchange of financial intelligence
letter-title-joint_operation = Proposal for a joint operation
letter-title-border_alert = Border alert
letter-title-precursor_alert = Precursor alert
letter-title-technical_assistance = Request for technical assistance
letter-title-execution = Execution of a request
letter-title-partial_execution = Partial execution of a request
letter-title-refusal = Refusal of a request, with reasons
letter-title-postponement = Postponement of execution
letter-title-consultation = Consultation
letter-title-information_request = Request for additional information
letter-title-information_response = Additional information
letter-title-progress = Report on progress
letter-title-confidentiality_notice = Notice about confidentiality
letter-title-consent_to_use = Consent to use
letter-title-amendment = Amendment of a request
letter-title-withdrawal = Withdrawal of a request
letter-title-closing = Closing of a case
letter-title-receipt = Receipt

## The opening sentence.

letter-opening-request = The authority named below presents its compliments to the central authority of { $recipient } and has the honour to submit the following request under { $basis }.
letter-opening-request-bare = The authority named below presents its compliments to the central authority of { $recipient } and has the honour to submit the following request.
letter-opening-information = The authority named below presents its compliments to the central authority of { $recipient } and has the honour to transmit the following.
letter-opening-answer = With reference to the request in the above case, the authority named below has the honour to inform the central authority of { $recipient } as follows.
letter-opening-refusal = With reference to the request in the above case, the authority named below regrets to inform the central authority of { $recipient } that the assistance sought is refused, for the reasons stated below.
letter-opening-postponement = With reference to the request in the above case, the authority named below has the honour to inform the central authority of { $recipient } that execution is postponed, for the reason stated below.
letter-opening-receipt = This receipt states what the gateways of the two authorities signed about the packet named here. It says nothing about what it contains, nor that the request was granted.

## What stands above and below.

letter-from = From
letter-to = To
letter-date = Date
letter-our-reference = Our reference
letter-your-reference = Your reference
letter-wanted-by = Reply requested by
letter-requesting = Requesting authority
letter-packet = Packet
letter-case = Case
letter-in-reply-to = In reply to packet
letter-replaces = Replaces packet
letter-urgency = Urgency
letter-expires = To be refused after
letter-kind = Kind
letter-draft = Draft, not sent
letter-answering = Answering authority
letter-sending = Sending authority
letter-particulars = Particulars
letter-matter = Matter
letter-yes = yes
letter-article = article { $article }
letter-labelled = { $label }: { $value }
letter-bracketed = { $value } ({ $note })
letter-comma = ,{" "}
letter-semicolon = ;{" "}
letter-attachment-number = No.
letter-attachment-type = Type
letter-attachment-size = Size (bytes)
letter-attachment-language = Language
letter-attachment-translation = Translation of no.
letter-attachment-digest = SHA-256 of the attachments
letter-unknown-fields = Fields that this version of the program does not know, in base64
letter-number = No. { $n }
letter-regards = The authority avails itself of this opportunity to renew the assurances of its highest consideration.
letter-signature = Name, office and signature
letter-place = Place and date
letter-seal = Seal
letter-paper = This paper is a reading copy. What binds is the packet that { $sender } signed and sealed.
letter-paper-draft = This paper was made from a draft: nothing was signed or sent.
letter-digest = Digest of the signed header (SHA-256)
letter-check = The square holds this text; { $command } says whether a proof is of this packet.
letter-page = page { $page } of { $pages }

## The receipt.

letter-receipt-events = What was signed
letter-receipt-event = Event
letter-receipt-issuer = Signed by
letter-receipt-time = Time (UTC)
letter-receipt-entry = Entry
letter-receipt-cause = Cause
letter-receipt-none = nothing yet
letter-receipt-log = Ledger
letter-receipt-size = Size of the ledger
letter-receipt-root = Root hash of the ledger
letter-receipt-proof = Place in the ledger
letter-receipt-state = Objects
letter-receipt-objects = { $count } sealed objects, { $bytes } bytes

## Dates and times.

letter-date-gregorian = { $day } { $month } { $year }
letter-date-gregorian-month = { $month } { $year }
letter-date-gregorian-year = { $year }
letter-date-solar = { $day } { $month } { $year } Solar Hijri
letter-date-solar-month = { $month } { $year } Solar Hijri
letter-date-solar-year = { $year } Solar Hijri
letter-date-as-written = written { $date }
letter-date-about = about { $date }
letter-date-time = { $date }, { $time } ({ $offset })
letter-from-to = from { $begins } to { $ends }
letter-from-on = from { $begins }
letter-until = until { $ends }
letter-month-1 = January
letter-month-2 = February
letter-month-3 = March
letter-month-4 = April
letter-month-5 = May
letter-month-6 = June
letter-month-7 = July
letter-month-8 = August
letter-month-9 = September
letter-month-10 = October
letter-month-11 = November
letter-month-12 = December
letter-solar-1 = Farvardin
letter-solar-2 = Ordibehesht
letter-solar-3 = Khordad
letter-solar-4 = Tir
letter-solar-5 = Mordad
letter-solar-6 = Shahrivar
letter-solar-7 = Mehr
letter-solar-8 = Aban
letter-solar-9 = Azar
letter-solar-10 = Dey
letter-solar-11 = Bahman
letter-solar-12 = Esfand

## One of several, by its number.

letter-one-Person = Person { $n }
letter-one-Organization = Legal person { $n }
letter-one-Offence = Offence { $n }
letter-one-Assistance = Item { $n }
letter-one-CourtDecision = Decision { $n }
letter-one-Confiscation_Property = Property { $n }
letter-one-JointOperation_Member = Authority { $n }
letter-one-JointOperation_Task = Task { $n }
letter-one-PrecursorAlert_Party = Party { $n }
letter-one-ExecutedItem = Result { $n }
letter-one-PartialExecution_Outstanding = Outstanding item { $n }
letter-one-Refusal_Reason = Reason { $n }
letter-one-InformationRequest_Question = Question { $n }
letter-one-InformationResponse_Answer = Answer { $n }
letter-one-Amendment_Change = Change { $n }
letter-one-Substance = Substance { $n }
letter-one-CulturalObject = Object { $n }
letter-one-Conveyance = Means of transport { $n }
letter-one-Transfer = Transfer { $n }
