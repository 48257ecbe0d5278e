kind-mutual_legal_assistance = entraide judiciaire
