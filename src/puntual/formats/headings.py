"""Headings and values of flight files in English, Spanish, Portuguese, French and German, normalised."""

from __future__ import annotations

import re
import unicodedata


def _words(listed: str) -> tuple[str, ...]:
    return tuple(" ".join(one.split()) for one in listed.split(","))


HEADINGS: dict[str, tuple[str, ...]] = {
    "scheduled": _words("""
        scheduled departure, scheduled departure time, scheduled departure date, scheduled time, scheduled
        date, scheduled, sched dep time, sched dep, std, sobt, crs dep time, planned departure, planned
        time, planned date, timetable time, fecha programada, hora programada, fecha hora programada,
        salida programada, programada, programado, fecha i, hora prevista, fecha prevista, salida
        prevista, hora itinerario, fecha itinerario, partida prevista, data prevista, horario previsto,
        hora prevista de partida, heure prevue, date prevue, depart prevu, heure programmee, heure de
        depart prevue, planmassig, planzeit, plan, geplant, planabflug, geplanter abflug, planmassige
        abflugzeit, soll, sollzeit, abflug plan, abflug soll, sched departure, sched, crs dep, cobt,
        计划起飞时间, 计划离港时间, 计划起飞, 出発予定時刻, 出発予定, 定刻, 予定時刻"""),
    "actual": _words("""
        actual departure, actual departure time, actual departure date, actual time, actual date, actual,
        dep time actual, atd, aobt, off block, off block time, real departure, hora real, fecha real,
        fecha hora real, salida real, real, fecha o, hora efectiva, hora operacion, partida real, data
        real, horario real, partida efetiva, hora efetiva, heure reelle, date reelle, depart reel, heure
        effective, heure de depart reelle, tatsachlich, tatsachlicher abflug, istzeit, ist, abflug ist,
        tatsachliche abflugzeit, act dep, act departure, dep time act, 实际起飞时间, 实际离港时间,
        实际起飞, 出発実績時刻, 出発実績, 実績時刻"""),
    "date": _words("""
        date, flight date, departure date, day, fl date, fecha, fecha vuelo, fecha salida, dia, fecha de
        salida, data, data do voo, data partida, jour, date de vol, date de depart, datum, flugdatum,
        abflugdatum, tag, 運航日, 日付, 航班日期"""),
    "time": _words("""
        time, departure time, departure, dep time, hora, hora salida, hora de salida, salida, fecha hora,
        fecha y hora, horario, hora partida, hora de partida, partida, heure, depart, heure de depart,
        date heure, date et heure, uhrzeit, zeit, abflug, abflugzeit, datetime, date time"""),
    "delay": _words("""
        delay, dep delay, departure delay, delay minutes, delay min, minutes late, delay in minutes,
        retraso, atraso, demora, minutos de retraso, retraso min, dif min, atraso min, minutos de atraso,
        retard, retard min, retard minutes, retard en minutes, verspatung, verspatung min, verspatung
        minuten"""),
    "airline": _words("""
        airline, airline code, carrier, carrier code, airline name, company, op unique carrier, marketing
        airline, iata airline, icao airline, reporting airline, aerolinea, compania, cia, cod aerolinea,
        codigo aerolinea, linea aerea, compania aerea, nombre aerolinea, companhia, companhia aerea,
        empresa, compagnie, compagnie aerienne, code compagnie, transporteur, fluggesellschaft, airline
        code iata, gesellschaft, 航空公司, 航空会社, alc2, alc3"""),
    "origin": _words("""
        origin, origin airport, departure airport, from, dep, adep, origin code, airport from, origen,
        aeropuerto origen, aeropuerto de origen, cod origen, codigo origen, aeropuerto salida, origem,
        aeroporto origem, aeroporto de origem, origine, provenance, aeroport de depart, aeroport origine,
        herkunft, abflughafen, startflughafen, von, start, 出发机场, 起飞机场, 始发机场, 出発地,
        出発空港, org3, org4"""),
    "destination": _words("""
        destination, destination airport, arrival airport, to, dest, ades, destination code, airport to,
        destino, aeropuerto destino, aeropuerto de destino, cod destino, codigo destino, aeroporto
        destino, aeroporto de destino, aeroport destination, aeroport d arrivee, ziel, zielflughafen,
        zielort, nach, destination iata, destination icao, dest airport, to airport, 到达机场, 目的机场,
        行先, 行き先, 到着地, des3, des4, 目的地"""),
    "flight_number": _words("""
        flight number, flight, flight no, flight num, flightnumber, fl num, flt, flt no, callsign, numero
        de vuelo, numero vuelo, n vuelo, no vuelo, vuelo, num vuelo, vlo i, numero do voo, numero voo,
        voo, numero de vol, numero vol, vol, n vol, flugnummer, flug, flugnr, flug nr, 航班编号, 航班号,
        便名"""),
    "flight_type": _words("""
        flight type, type of flight, traffic type, domestic international, dom int, haul, tipo de vuelo,
        tipo vuelo, tipovuelo, tipo, ambito, nac int, nacional internacional, tipo de voo, tipo voo,
        natureza, type de vol, type vol, nature, flugart, verkehrsart"""),
    "operated_by": _words("""
        operator, operated by, operating airline, operating carrier, operating airline code, operador,
        operadora, operado por, aerolinea operadora, emp o, operadora aerea, operateur, opere par,
        durchfuhrende gesellschaft, durchgefuhrt von, betreiber"""),
    "cancelled": _words("""
        cancelled, canceled, is cancelled, cancellation, cancelado, cancelada, cancelacion, anulado,
        cancelamento, annule, annulation, annulliert, gestrichen, storniert, 航班是否取消, 是否取消"""),
    "cancelled_at": _words("""
        cancelled at, canceled at, cancelled time, cancellation time, time of cancellation, hora cancelacion,
        hora de cancelacion, fecha cancelacion, fecha de cancelacion, cancelado a las, hora cancelamento,
        hora do cancelamento, heure annulation, heure d annulation"""),
    "status": _words("""
        status, flight status, state, remark, remarks, estado, estado vuelo, estado del vuelo, situacion,
        observaciones, observacion, situacao, situacao voo, situacao do voo, estado voo, observacoes,
        statut, etat, etat du vol, statut du vol, remarque, flugstatus, zustand, bemerkung, 航班状态,
        備考, 運航状況"""),
    "diverted": _words("diverted, is diverted, desviado, devie, umgeleitet"),
    "year": _words("year, yr, ano, annee, jahr, 年"),
    "month": _words("month, mes, mois, monat, 月"),
    "day_of_month": _words("day of month, dayof month, dia del mes, dia do mes, jour du mois, 日"),
    "aircraft": _words("""
        tail number, tail num, tailnum, tail no, tail, registration, aircraft registration, aircraft reg,
        ac registration, ac reg, reg no, matricula, matricula aeronave, prefixo, immatriculation,
        kennzeichen, 机尾号"""),
    "codeshare_of": _words("""
        main flight, mainflight, master flight, codeshare of, operating flight, vuelo principal,
        vuelo operador, voo principal, vol principal, hauptflug"""),
    "direction": _words("""
        dep arr, arr dep, direction, flight direction, movement, movement type, arrival departure,
        departure arrival, llegada salida, salida llegada, sentido, tipo de movimiento, tipo movimiento,
        movimiento, tipo de movimento, a d, adi, richtung, flugrichtung, bewegungsart, bewegungstyp,
        operacion, tipo operacion, tipo de operacion, sens, arr or dep, departure or arrival, leg type"""),
}
"""The headings of each role; if a heading contains several, the longest one decides."""

OTHERS = _words("""
    arrival, arr, llegada, chegada, arrivee, ankunft, landing, sta, ata, aircraft, avion, aviao,
    aeronave, equipment, equipo, flugzeug, gate, puerta, porte, terminal, pax, passengers, pasajeros,
    seats, distance, city, ciudad, cidade, ville, stadt, country, pais, pays, land, tail,
    registration, matricula""")
"""Words in headings of columns that are not read: arrivals, aircraft's types, places by name."""

ANY_WORDS = ("aircraft", "destination", "direction")
"""Roles whose headings may have such words."""

AIRCRAFT = ("aircraft", "avion", "aeronave", "aviao", "flugzeug", "equipo", "equipment")
"""Headings under which some files have types, others tail numbers: their values show which."""

MISSING = _words("""
    na, n/a, #n/a, -, --, ---, --:--, null, none, nan, \\n, ?, s/d, nil""")
"""Cells that count as blank, in lower case but not normalised otherwise."""

CANCELLED = _words("""
    cancelled, canceled, cancel, canx, cnl, cnx, cxl, cx, cancelado, cancelada, anulado, anulada,
    suprimido, annule, annulee, supprime, annulliert, gestrichen, storniert, ausgefallen, flug
    annulliert, vuelo cancelado, voo cancelado, vol annule, canceleduncertain, 取消, 已取消, 欠航""")
"""Statuses of cancelled flights."""

ON_TIME = _words("""
    on time, ontime, a tiempo, en hora, en horario, puntual, pontual, no horario, à l'heure, a l'heure,
    pünktlich, in orario, op tijd, по расписанию, 定刻, 定刻通り, 准点, 正点, 정시""")
"""Words that stand for a delay of 0, in lower case but not normalised otherwise."""

DIVERTED = _words("""
    diverted, divert, div, dvt, desviado, desviada, alternado, devie, deroute, umgeleitet, 备降, 返航""")
"""Statuses of flights that landed elsewhere."""

DEPARTURES = _words("""
    d, dep, departure, departures, salida, salidas, s, partida, partidas, depart, departs, abflug, abfluge,
    start, starts, outbound, 出发, 離港, 出発""")
"""Values of a column of directions for departures."""

ARRIVALS = _words("""
    a, arr, arrival, arrivals, llegada, llegadas, l, chegada, chegadas, arrivee, arrivees, ankunft,
    ankunfte, landung, landungen, inbound, 到达, 抵達, 到着""")
"""Values of a column of directions for arrivals."""

YES = _words("""
    1, true, yes, y, si, s, sim, oui, o, ja, j, x""")
"""Values of a column ``cancelled`` for cancelled flights."""

FLIGHT_TYPES = {
    "N": _words("""
        n, nac, nacional, national, d, dom, domestic, domestico, domestique, national flight, inland,
        inlandisch, interior, interno, domestica"""),
    "I": _words("""
        i, int, intl, international, internacional, inter, ausland, auslandisch, exterior"""),
}


def normalise(words: str) -> str:
    """Text in lower case, without accents, with one blank between words.

    Examples
    --------
    >>> normalise("Compañía_Aérea"), normalise("scheduledDeparture"), normalise("STD (UTC)")
    ('compania aerea', 'scheduled departure', 'std utc')
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return " ".join(re.findall(r"[^\W_]+", fold_accents(apart)))


def squeeze(heading: str) -> str:
    """A heading normalised and without blanks, so that ``CRSDepTime`` is ``CRS_DEP_TIME``.

    Examples
    --------
    >>> squeeze("CRSDepTime"), squeeze("CRS_DEP_TIME"), squeeze("origin.code_iata")
    ('crsdeptime', 'crsdeptime', 'origincodeiata')
    """
    return normalise(heading).replace(" ", "")


def fold_accents(text: str) -> str:
    """Text in lower case, without accents."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def detect_role(heading: str) -> str | None:
    """What a column probably holds by its heading: a key of `HEADINGS`, or None.

    Examples
    --------
    >>> [detect_role(name) for name in ("Fecha programada (local)", "Compañía", "Verspätung [min]", "Gate")]
    ['scheduled', 'airline', 'delay', None]
    """
    name = f" {normalise(heading)} "
    found = [(len(one), role) for role, known in HEADINGS.items() for one in known if f" {one} " in name]
    role = max(found)[1] if found else None
    return None if role not in ANY_WORDS and set(name.split()) & set(OTHERS) else role
