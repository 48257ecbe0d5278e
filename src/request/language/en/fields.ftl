## RequestFile

field-RequestFile-recipient = Recipient (authority id)
field-RequestFile-kind = Kind
field-RequestFile-urgency = Urgency
field-RequestFile-expires = Expires
field-RequestFile-case = Case (id)
field-RequestFile-in_reply_to = Packet that this one answers
field-RequestFile-replaces = Rejected packet that this one replaces
field-RequestFile-request = The request
field-RequestFile-attachments = Attachments

## AttachmentFile

field-AttachmentFile-path = Path of the file
field-AttachmentFile-name = Name shown to the recipient
field-AttachmentFile-media_type = Media type (MIME)
field-AttachmentFile-language = Language
field-AttachmentFile-translation_of = Translation of attachment (number)

## Request

field-Request-schema = Schema version
field-Request-sender_reference = Sender’s reference
field-Request-recipient_reference = Recipient’s reference
field-Request-wanted_by = Suggested deadline
field-Request-language = Language of the text
field-Request-handling = Handling of the content
field-Request-urgency_reason = Reasons for the urgency
field-Request-oral_request = Oral request confirmed here
field-Request-legal_basis = Legal basis
field-Request-offences = Offences
field-Request-attachments = Attachments
field-Request-authority = Sending authority
field-Request-linked_packets = Linked packets of other cases
field-Request-mutual_legal_assistance = Mutual legal assistance
field-Request-confiscation = Confiscation
field-Request-extradition = Extradition
field-Request-provisional_arrest = Provisional arrest
field-Request-transfer_sentenced_person = Transfer of a sentenced person
field-Request-transfer_of_proceedings = Transfer of criminal proceedings
field-Request-spontaneous_information = Spontaneous information
field-Request-financial_intelligence = Financial intelligence
field-Request-joint_operation = Joint operation
field-Request-border_alert = Border alert
field-Request-precursor_alert = Precursor alert
field-Request-technical_assistance = Technical assistance
field-Request-execution = Execution of the request
field-Request-partial_execution = Partial execution of the request
field-Request-refusal = Refusal
field-Request-postponement = Postponement
field-Request-consultation = Consultation
field-Request-information_request = Request for additional information
field-Request-information_response = Additional information
field-Request-progress = Report on progress
field-Request-confidentiality_notice = Notice about confidentiality
field-Request-consent_to_use = Consent to use
field-Request-amendment = Amendment of the request
field-Request-withdrawal = Withdrawal of the request
field-Request-closing = Closing of the case

## WantedBy

field-WantedBy-date = Wanted by
field-WantedBy-reason = Reasons for the deadline

## Handling

field-Handling-tlp = Traffic Light Protocol marking
field-Handling-intelligence_only = Intelligence only, not evidence
field-Handling-no_dissemination = Not to be passed on
field-Handling-consented = Use consented to
field-Handling-victim_protected = Victims’ identity protected
field-Handling-sealed_fact = Fact and substance confidential
field-Handling-caveat = Restrictions or consent in words

## OralRequest

field-OralRequest-made_at = Made on
field-OralRequest-made_by = Made by
field-OralRequest-taken_by = Taken by
field-OralRequest-means = Means used

## LegalBasis

field-LegalBasis-instrument = Treaty or other basis
field-LegalBasis-article = Article and paragraph
field-LegalBasis-name = Title of treaty or law

## Attachment

field-Attachment-name = File name
field-Attachment-media_type = Media type (MIME)
field-Attachment-size = Size in bytes
field-Attachment-sha256 = SHA-256 digest
field-Attachment-language = Language
field-Attachment-translation_of = Translation of attachment (number)

## Date

field-Date-iso = Date (Gregorian)
field-Date-calendar = Calendar of the original
field-Date-as_written = As written
field-Date-precision = Precision

## Moment

field-Moment-time = Date and time
field-Moment-as_written = As written
field-Moment-calendar = Calendar of the original

## Period

field-Period-begins = From
field-Period-ends = Until

## TimeWindow

field-TimeWindow-begins = From
field-TimeWindow-ends = Until

## Place

field-Place-name = Name of the place
field-Place-address = Address
field-Place-locality = Locality
field-Place-region = Region
field-Place-state = State
field-Place-latitude = Latitude
field-Place-longitude = Longitude
field-Place-identifiers = Identifying numbers

## Identifier

field-Identifier-scheme = Kind of number
field-Identifier-value = Number
field-Identifier-issuer = Issued by
field-Identifier-expires = Valid until

## Amount

field-Amount-currency = Currency
field-Amount-value = Amount

## Transliteration

field-Transliteration-text = Transliteration
field-Transliteration-scheme = Scheme or spelling

## PersonName

field-PersonName-text = Name in its own script
field-PersonName-language = Language of the name
field-PersonName-script = Script
field-PersonName-transliterations = Transliterations
field-PersonName-aliases = Other names used
field-PersonName-father_name = Father’s name
field-PersonName-mother_name = Mother’s name

## Person

field-Person-names = Names
field-Person-birth_date = Date of birth
field-Person-birth_place = Place of birth
field-Person-nationalities = Nationality
field-Person-location = Location
field-Person-identifiers = Identity documents and numbers
field-Person-sex = Sex
field-Person-role = Role in the matter
field-Person-description = Physical description
field-Person-connection = Connection with the matter
field-Person-identity_withheld = Identity withheld on purpose

## OrganizationName

field-OrganizationName-text = Name in its own script
field-OrganizationName-language = Language of the name
field-OrganizationName-script = Script
field-OrganizationName-transliterations = Transliterations
field-OrganizationName-aliases = Other names used

## Organization

field-Organization-names = Names
field-Organization-legal_form = Legal form
field-Organization-state = State of registration
field-Organization-location = Place of business
field-Organization-identifiers = Registration and other numbers
field-Organization-people = Directors and owners (numbers)
field-Organization-connection = Connection with the matter

## Contact

field-Contact-name = Contact person
field-Contact-post = Post
field-Contact-telephone = Telephone
field-Contact-email = Email
field-Contact-address = Address
field-Contact-languages = Languages spoken
field-Contact-round_the_clock = Available round the clock

## Authority

field-Authority-name = Name of the authority
field-Authority-function = Functions of the authority
field-Authority-contact = Contact
field-Authority-state = State

## Account

field-Account-number = Account number
field-Account-institution = Financial institution
field-Account-branch = Branch
field-Account-holder = Account holder
field-Account-currency = Currency

## Transfer

field-Transfer-date = Date of the transfer
field-Transfer-payer = Paid from account
field-Transfer-payee = Paid to account
field-Transfer-amount = Amount
field-Transfer-remark = Remark on the transfer

## Substance

field-Substance-name = Substance
field-Substance-cas_number = CAS number
field-Substance-mass_grams = Mass in grams
field-Substance-volume_millilitres = Volume in millilitres
field-Substance-purity_percent = Purity in per cent
field-Substance-hs_code = Harmonized System code
field-Substance-listing = Listing under the conventions
field-Substance-packaging = Packaging

## CulturalObject

field-CulturalObject-title = Title
field-CulturalObject-category = Type of object
field-CulturalObject-materials = Materials and techniques
field-CulturalObject-measurements = Measurements
field-CulturalObject-inscriptions = Inscriptions and markings
field-CulturalObject-distinguishing_features = Distinguishing features
field-CulturalObject-date_or_period = Date or period
field-CulturalObject-maker = Maker
field-CulturalObject-origin = Place of origin
field-CulturalObject-value = Value
field-CulturalObject-photographs = Photographs (attachment numbers)
field-CulturalObject-identifiers = Inventory and other numbers

## Conveyance

field-Conveyance-form = Type of conveyance
field-Conveyance-registration = Registration mark or number
field-Conveyance-state = State of registration or flag
field-Conveyance-name = Name borne
field-Conveyance-description = Description
field-Conveyance-identifiers = Identifying numbers

## Offence

field-Offence-code = Offence
field-Offence-title = Title in national law
field-Offence-provision = Law and article
field-Offence-text = Text of the provision
field-Offence-penalty = Text of the penalty
field-Offence-committed = Time of commission
field-Offence-prescribed_on = Date of prescription

## CourtDecision

field-CourtDecision-form = Type of decision
field-CourtDecision-issued_by = Issued by
field-CourtDecision-date = Date of the decision
field-CourtDecision-reference = Reference of the decision
field-CourtDecision-operative_part = Operative part
field-CourtDecision-is_final = No longer subject to ordinary appeal
field-CourtDecision-in_absentia = Rendered in absentia
field-CourtDecision-copy = Legally admissible copy (attachment)

## Proceeding

field-Proceeding-subject_matter = Subject matter
field-Proceeding-nature = Nature of the proceeding
field-Proceeding-conducted_by = Authority conducting it
field-Proceeding-reference = Its file number

## Facts

field-Facts-summary = Summary of the relevant facts
field-Facts-period = Time of the facts
field-Facts-places = Places
field-Facts-amounts = Amounts
field-Facts-accounts = Accounts
field-Facts-substances = Substances
field-Facts-cultural_objects = Cultural objects
field-Facts-conveyances = Vehicles, vessels, aircraft, containers

## Matter

field-Matter-proceeding = Investigation, prosecution or judicial proceeding
field-Matter-facts = Relevant facts
field-Matter-charges = Offences as charged
field-Matter-persons = Persons concerned
field-Matter-organizations = Organizations concerned
field-Matter-purpose = Purpose for which it is sought
## MutualLegalAssistance

field-MutualLegalAssistance-matter = The matter
field-MutualLegalAssistance-assistance = Assistance sought
field-MutualLegalAssistance-attendance = Presence of officials asked for
field-MutualLegalAssistance-costs = Expected costs

## Assistance

field-Assistance-code = Type of assistance
field-Assistance-description = Description of the assistance sought
field-Assistance-procedure = Particular procedure to be followed
field-Assistance-persons = Persons concerned (numbers)
field-Assistance-organizations = Organizations concerned (numbers)
field-Assistance-places = Places concerned
field-Assistance-decision = Decision on which it rests
field-Assistance-hearing = Taking of evidence or hearing
field-Assistance-service = Service of documents
field-Assistance-records = Documents and records
field-Assistance-search = Search, seizure or freezing
field-Assistance-custody = Transfer of a detained person
field-Assistance-data = Preservation or production of data
field-Assistance-delivery = Controlled delivery

## Assistance.Hearing

field-Assistance_Hearing-questions = Questions to be put
field-Assistance_Hearing-solemn_form = Oath or solemn form
field-Assistance_Hearing-cautions = Rights and duties to be told
field-Assistance_Hearing-proposed = Proposed time
field-Assistance_Hearing-technical_needs = Technical needs of the hearing

## Assistance.Service

field-Assistance_Service-document = Document to be served
field-Assistance_Service-attachments = Attachments (numbers)
field-Assistance_Service-appear_at = Place of appearance
field-Assistance_Service-appear_on = Time of appearance
field-Assistance_Service-serve_by = To be served by
field-Assistance_Service-safe_conduct = Safe conduct granted
field-Assistance_Service-personal = Personal service required

## Assistance.Records

field-Assistance_Records-holder = Holder of the records
field-Assistance_Records-accounts = Accounts
field-Assistance_Records-period = Period covered
field-Assistance_Records-wanted = Records sought
field-Assistance_Records-certification = Form of certification

## Assistance.Search

field-Assistance_Search-items = Items to be sought or seized
field-Assistance_Search-accounts = Accounts to be seized or frozen
field-Assistance_Search-values = Values to be seized or frozen

## Assistance.Custody

field-Assistance_Custody-consented_on = Date of the person’s consent
field-Assistance_Custody-period = Time of the transfer
field-Assistance_Custody-arrangements = Custody and return

## Assistance.Data

field-Assistance_Data-provider = Service provider
field-Assistance_Data-identifiers = Accounts, numbers and addresses
field-Assistance_Data-window = Time that the data covers
field-Assistance_Data-categories = Categories of data

## Assistance.Delivery

field-Assistance_Delivery-route = Route
field-Assistance_Delivery-window = Time of the delivery
field-Assistance_Delivery-conveyances = Vehicles, vessels, aircraft, containers
field-Assistance_Delivery-substances = Substances
field-Assistance_Delivery-method = Method of delivery

## Confiscation

field-Confiscation-matter = The matter
field-Confiscation-property = Property to be confiscated
field-Confiscation-domestic_order = Order to be obtained
field-Confiscation-enforce_order = Order to be given effect
field-Confiscation-freeze = Tracing, freezing or seizure
field-Confiscation-disposal = Return, disposal and sharing

## Confiscation.Property

field-Confiscation_Property-description = Description of the property
field-Confiscation_Property-location = Location of the property
field-Confiscation_Property-estimated_value = Estimated value
field-Confiscation_Property-account = Account
field-Confiscation_Property-holder = Holder of the property
field-Confiscation_Property-link = Link with the offence

## Confiscation.DomesticOrder

field-Confiscation_DomesticOrder-grounds = Facts relied upon

## Confiscation.EnforceOrder

field-Confiscation_EnforceOrder-order = Order of confiscation
field-Confiscation_EnforceOrder-grounds = Facts relied upon
field-Confiscation_EnforceOrder-extent = Extent of execution requested
field-Confiscation_EnforceOrder-extent_value = Amount to be executed
field-Confiscation_EnforceOrder-bona_fide_measures = Notice to bona fide third parties
field-Confiscation_EnforceOrder-due_process = Observance of due process
field-Confiscation_EnforceOrder-finality = Finality of the order

## Confiscation.Freeze

field-Confiscation_Freeze-grounds = Facts relied upon
field-Confiscation_Freeze-actions = Actions requested
field-Confiscation_Freeze-order = Order on which it is based
field-Confiscation_Freeze-period = Duration of the measures

## Extradition

field-Extradition-matter = The matter
field-Extradition-person = Person sought
field-Extradition-aim = Aim of the extradition
field-Extradition-decisions = Warrants and judgments
field-Extradition-remaining_sentence = Remainder of the sentence
field-Extradition-assurances = Assurances given
field-Extradition-surrender = Surrender: how and where

## ProvisionalArrest

field-ProvisionalArrest-matter = The matter
field-ProvisionalArrest-person = Person sought
field-ProvisionalArrest-decision = Warrant or judgment
field-ProvisionalArrest-reason = Reasons for the urgency
field-ProvisionalArrest-extradition_follows = Request for extradition will follow
field-ProvisionalArrest-within_days = Number of days until then
field-ProvisionalArrest-remaining_sentence = Remainder of the sentence

## TransferSentencedPerson

field-TransferSentencedPerson-matter = The matter
field-TransferSentencedPerson-person = Sentenced person
field-TransferSentencedPerson-judgment = Judgment
field-TransferSentencedPerson-sentence = Sentence imposed
field-TransferSentencedPerson-served_from = Served since
field-TransferSentencedPerson-ends_on = End of the sentence
field-TransferSentencedPerson-initiative = Initiative
field-TransferSentencedPerson-consented_on = Date of the person’s consent
field-TransferSentencedPerson-ties = Ties: family, home, language
field-TransferSentencedPerson-health = State of health

## TransferOfProceedings

field-TransferOfProceedings-matter = The matter
field-TransferOfProceedings-reason = Interests of proper administration of justice
field-TransferOfProceedings-gathered = Evidence and steps so far
field-TransferOfProceedings-file = Documents of the file (attachment numbers)
field-TransferOfProceedings-stayed = Own proceedings stayed
field-TransferOfProceedings-views = Views of victims and accused

## SpontaneousInformation

field-SpontaneousInformation-information = Information
field-SpontaneousInformation-relevance = Use to the recipient
field-SpontaneousInformation-persons = Persons concerned
field-SpontaneousInformation-organizations = Organizations concerned
field-SpontaneousInformation-accounts = Accounts
field-SpontaneousInformation-restrictions = Restrictions on use
field-SpontaneousInformation-restricted_until = Restrictions hold until

## FinancialIntelligence

field-FinancialIntelligence-mode = Inquiry, answer or disclosure
field-FinancialIntelligence-persons = Persons (subjects)
field-FinancialIntelligence-organizations = Organizations (subjects)
field-FinancialIntelligence-accounts = Accounts
field-FinancialIntelligence-suspicion = Suspicion
field-FinancialIntelligence-link = Link with the recipient’s State
field-FinancialIntelligence-purpose = Purpose of the use
field-FinancialIntelligence-onward = Consent to passing on
field-FinancialIntelligence-conditions = Conditions on use
field-FinancialIntelligence-sought = Information sought
field-FinancialIntelligence-transfers = Transfers
field-FinancialIntelligence-transfer_count = Number of transfers
field-FinancialIntelligence-transfer_total = Total of the transfers
field-FinancialIntelligence-period = Period covered

## JointOperation

field-JointOperation-objective = Objective
field-JointOperation-members = Participating authorities
field-JointOperation-window = Time of the operation
field-JointOperation-area = Area of the operation
field-JointOperation-tasks = Tasks
field-JointOperation-persons = Persons concerned
field-JointOperation-organizations = Organizations concerned
field-JointOperation-substances = Substances
field-JointOperation-conveyances = Vehicles, vessels, aircraft, containers
field-JointOperation-powers = Powers and governing law
field-JointOperation-communication = Communication among members

## JointOperation.Member

field-JointOperation_Member-authority = Authority
field-JointOperation_Member-leads = Leads the operation
field-JointOperation_Member-contacts = Contacts

## JointOperation.Task

field-JointOperation_Task-description = Description of the task
field-JointOperation_Task-member = Member in charge (number)
field-JointOperation_Task-window = Time of the task
field-JointOperation_Task-place = Place of the task

## BorderAlert

field-BorderAlert-crossing = Border crossing
field-BorderAlert-expected_at = Crossing expected at
field-BorderAlert-direction = Direction of travel
field-BorderAlert-persons = Persons concerned
field-BorderAlert-conveyances = Vehicles, vessels, aircraft, containers
field-BorderAlert-substances = Substances
field-BorderAlert-goods = Goods or other things
field-BorderAlert-actions = Actions requested
field-BorderAlert-reason = Reasons for the alert
field-BorderAlert-expires_at = Alert void after
field-BorderAlert-contact = Contact for the alert

## PrecursorAlert

field-PrecursorAlert-substances = Precursors and other substances
field-PrecursorAlert-parties = Parties to the consignment
field-PrecursorAlert-route = Route of the consignment
field-PrecursorAlert-departs = Departure
field-PrecursorAlert-arrives = Arrival
field-PrecursorAlert-conveyances = Vehicles, vessels, aircraft, containers
field-PrecursorAlert-papers = Permits and commercial documents
field-PrecursorAlert-reason = Grounds to suspect diversion
field-PrecursorAlert-actions = Actions requested

## PrecursorAlert.Party

field-PrecursorAlert_Party-part = Part in the consignment
field-PrecursorAlert_Party-organization = Organization
field-PrecursorAlert_Party-person = Natural person

## TechnicalAssistance

field-TechnicalAssistance-subtype = Type of assistance
field-TechnicalAssistance-need = Need
field-TechnicalAssistance-priority = Priority
field-TechnicalAssistance-beneficiary = Beneficiary
field-TechnicalAssistance-outcome = Expected outcome
field-TechnicalAssistance-period = Period
field-TechnicalAssistance-budget = Budget
field-TechnicalAssistance-participants = Number of participants
field-TechnicalAssistance-is_offer = Offer, not request

## ExecutedItem

field-ExecutedItem-item = Item of the request (number)
field-ExecutedItem-description = What was done
field-ExecutedItem-attachments = Attachments (numbers)
field-ExecutedItem-procedure = Procedure followed
field-ExecutedItem-done_on = Done on
field-ExecutedItem-done_by = Executing authority
field-ExecutedItem-certification = Seal, signature and certificate

## Execution

field-Execution-results = Results of execution
field-Execution-conditions = Conditions on use
field-Execution-to_return = Originals to be returned
field-Execution-costs = Extraordinary costs
field-Execution-remarks = Remarks

## PartialExecution

field-PartialExecution-results = Results of execution
field-PartialExecution-outstanding = Items outstanding
field-PartialExecution-conditions = Conditions on use
field-PartialExecution-remarks = Remarks

## PartialExecution.Outstanding

field-PartialExecution_Outstanding-item = Item of the request (number)
field-PartialExecution_Outstanding-reason = Reasons it is outstanding
field-PartialExecution_Outstanding-expected = Expected on
field-PartialExecution_Outstanding-refused = Refused
field-PartialExecution_Outstanding-ground = Ground of refusal

## Refusal

field-Refusal-reasons = Reasons for refusal
field-Refusal-items = Items refused (numbers)
field-Refusal-consulted_on = Date of the consultation
field-Refusal-consultation = Consultation offered or held
field-Refusal-remedy = What would allow assistance

## Refusal.Reason

field-Refusal_Reason-ground = Ground of refusal
field-Refusal_Reason-text = Reasons in words
field-Refusal_Reason-provision = Provision of law

## Postponement

field-Postponement-reason = Reasons for postponement
field-Postponement-review_on = Review date
field-Postponement-items = Items postponed (numbers)
field-Postponement-consulted_on = Date of the consultation
field-Postponement-terms_offered = Terms for immediate assistance

## Consultation

field-Consultation-intent = Subject of the consultation
field-Consultation-explanation = Explanation
field-Consultation-ground = Ground of refusal
field-Consultation-terms = Terms and conditions
field-Consultation-reply_by = Reply wanted by
field-Consultation-meeting = Proposed time of meeting

## InformationRequest

field-InformationRequest-questions = Questions
field-InformationRequest-reply_by = Reply wanted by
field-InformationRequest-execution_waits = Execution awaits the answer

## InformationRequest.Question

field-InformationRequest_Question-text = Question
field-InformationRequest_Question-item = Item of the article (letter)
field-InformationRequest_Question-reason = Why it is needed

## InformationResponse

field-InformationResponse-answers = Answers
field-InformationResponse-supplement = Supplement to the matter

## InformationResponse.Answer

field-InformationResponse_Answer-question = Question answered (number)
field-InformationResponse_Answer-text = Answer
field-InformationResponse_Answer-attachments = Attachments (numbers)
field-InformationResponse_Answer-unavailable = Why it cannot be answered

## Progress

field-Progress-report = Progress made
field-Progress-done = Items done (numbers)
field-Progress-expected = Completion expected on
field-Progress-next_report = Next report on
field-Progress-obstacle = Obstacles

## ConfidentialityNotice

field-ConfidentialityNotice-notice = Subject of the notice
field-ConfidentialityNotice-explanation = Explanation
field-ConfidentialityNotice-disclosed = What is disclosed
field-ConfidentialityNotice-disclosed_to = Disclosed to
field-ConfidentialityNotice-disclosed_on = Date of disclosure
field-ConfidentialityNotice-asks_to_proceed = Asks whether to proceed nevertheless
field-ConfidentialityNotice-reply_by = Reply wanted by

## ConsentToUse

field-ConsentToUse-step = Consent asked or given
field-ConsentToUse-material = Material concerned
field-ConsentToUse-packets = Packets concerned (ids)
field-ConsentToUse-proceeding = Other proceeding
field-ConsentToUse-intended_use = Intended use
field-ConsentToUse-recipients = To be passed on to
field-ConsentToUse-conditions = Conditions on use
field-ConsentToUse-reason = Reasons

## Amendment

field-Amendment-reason = Reasons for the amendment
field-Amendment-changes = Changes
field-Amendment-matter = Matter as amended
field-Amendment-assistance = Further assistance sought
field-Amendment-dropped = Items no longer sought (numbers)

## Amendment.Change

field-Amendment_Change-what = What is changed
field-Amendment_Change-before = Before
field-Amendment_Change-after = After

## Withdrawal

field-Withdrawal-reason = Reasons for withdrawal
field-Withdrawal-material = Material already gathered

## Closing

field-Closing-result = Result
field-Closing-use_made = Use made of the assistance
field-Closing-material = Originals and copies
field-Closing-remarks = Remarks
