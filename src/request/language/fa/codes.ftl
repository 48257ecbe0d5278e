kind-mutual_legal_assistance = معاضدت حقوقی متقابل
