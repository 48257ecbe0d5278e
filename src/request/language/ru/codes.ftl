kind-mutual_legal_assistance = взаимная правовая помощь
