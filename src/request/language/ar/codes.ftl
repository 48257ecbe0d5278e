kind-mutual_legal_assistance = المساعدة القانونية المتبادلة
