# Kinds of packet: UNTOC, UNCAC and the 1988 Convention; see DOMAIN of a request.
kind-mutual_legal_assistance = mutual legal assistance
