"""Headings and values of flight files in a dozen languages, the headings normalised."""

from __future__ import annotations

import re
import unicodedata


def _words(listed: str) -> tuple[str, ...]:
    return tuple(" ".join(one.split()) for one in listed.split(","))


def normalise(words: str) -> str:
    """Text in lower case, without accents, with one blank between words.

    Examples
    --------
    >>> normalise("Compañía_Aérea"), normalise("scheduledDeparture"), normalise("STD (UTC)")
    ('compania aerea', 'scheduled departure', 'std utc')
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return " ".join(re.findall(r"[^\W_]+", fold_accents(apart)))


def fold_accents(text: str) -> str:
    """Text in lower case, without accents."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def _headings(listed: str) -> tuple[str, ...]:
    return tuple(map(normalise, _words(listed)))


HEADINGS: dict[str, tuple[str, ...]] = {
    "scheduled": _headings("""
        scheduled departure, scheduled departure time, scheduled departure date, scheduled time,
        scheduled date, scheduled, sched dep time, sched dep, std, sobt, crs dep time, planned
        departure, planned time, planned date, timetable time, fecha programada, hora programada,
        fecha hora programada, salida programada, programada, programado, fecha i, hora prevista,
        fecha prevista, salida prevista, hora itinerario, fecha itinerario, partida prevista, data
        prevista, horario previsto, hora prevista de partida, heure prevue, date prevue, depart prevu,
        heure programmee, heure de depart prevue, planmassig, planzeit, plan, geplant, planabflug,
        geplanter abflug, planmassige abflugzeit, soll, sollzeit, abflug plan, abflug soll, sched
        departure, sched, crs dep, cobt, departure scheduled, departure scheduled time, dep scheduled,
        abflug geplant, depart programme, partida programada, salida hora programada, dep time
        scheduled, 计划起飞时间, 计划离港时间, 计划起飞, 出発予定時刻, 出発予定, 定刻, 予定時刻,
        orario previsto, partenza prevista, ora prevista, orario programmato, geplande vertrektijd,
        geplande tijd, geplande vertrek, planowany odlot, planowana godzina odlotu, planowy odlot,
        planlanan kalkış, planlanan saat, tarifeli kalkış, время вылета по расписанию, вылет по
        расписанию, плановое время вылета, время по расписанию, по расписанию, план, 计划离港,
        计划时间, 計画時刻, 出発定刻, 定刻 出発, 계획시간, 계획시각, 예정시간, 출발예정시간, 출발예정,
        وقت المغادرة المجدول, الوقت المجدول, موعد المغادرة, وقت الإقلاع المجدول"""),
    "actual": _headings("""
        actual departure, actual departure time, actual departure date, actual time, actual date,
        actual, dep time actual, atd, aobt, off block, off block time, real departure, hora real,
        fecha real, fecha hora real, salida real, real, fecha o, hora efectiva, hora operacion,
        partida real, data real, horario real, partida efetiva, hora efetiva, heure reelle, date
        reelle, depart reel, heure effective, heure de depart reelle, tatsachlich, tatsachlicher
        abflug, istzeit, ist, abflug ist, departure actual, departure actual time, dep actual, salida
        hora real, abflug tatsachlich, tatsachliche abflugzeit, act dep, act departure, dep time act,
        实际起飞时间, 实际离港时间, 实际起飞, 出発実績時刻, 出発実績, 実績時刻, orario effettivo,
        partenza effettiva, ora effettiva, werkelijke vertrektijd, werkelijke tijd, werkelijk vertrek,
        rzeczywisty odlot, faktyczny odlot, rzeczywista godzina odlotu, gerçekleşen kalkış,
        gerçekleşen saat, время вылета фактическое, фактическое время вылета, фактический вылет,
        фактическое время, факт, 实际离港, 实际时间, 実績, 実際, 実出発時刻, 실제출발시간, 실제시간,
        실제출발, 출발실적, وقت المغادرة الفعلي, الوقت الفعلي, وقت الإقلاع الفعلي"""),
    "date": _headings("""
        date, flight date, departure date, day, fl date, fecha, fecha vuelo, fecha salida, dia, fecha de
        salida, data, data do voo, data partida, jour, date de vol, date de depart, datum, flugdatum,
        abflugdatum, tag, 運航日, 日付, 航班日期,
        volo data, data volo, data del volo, vluchtdatum, data lotu, data rejsu, tarih, uçuş tarihi,
        дата, дата вылета, дата рейса, 日期, 날짜, 일자, 운항일자, 출발일자, التاريخ, تاريخ الرحلة"""),
    "time": _headings("""
        time, departure time, departure, dep time, hora, hora salida, hora de salida, salida, fecha
        hora, fecha y hora, horario, hora partida, hora de partida, partida, heure, depart, heure de
        depart, date heure, date et heure, uhrzeit, zeit, abflug, abflugzeit, datetime, date time,
        ora, orario, partenza, tijd, vertrek, vertrektijd, odlot, godzina, godzina odlotu, saat,
        kalkış saati, время, время вылета, вылет, 时间, 起飞时间, 離港時間, 出発時刻, 時刻, 출발시간,
        출발시각, 시간, الوقت, وقت المغادرة"""),
    "delay": _headings("""
        delay, dep delay, departure delay, delay minutes, delay min, minutes late, delay in minutes,
        retraso, atraso, demora, minutos de retraso, retraso min, dif min, atraso min, minutos de
        atraso, retard, retard min, retard minutes, retard en minutes, verspatung, verspatung min,
        verspatung minuten, ritardo, ritardo min, ritardo minuti, vertraging, vertraging min,
        vertraging minuten, opóźnienie, opóźnienie min, gecikme, gecikme dk, gecikme dakika, задержка,
        задержка мин, 延误, 延误分钟, 延误时间, 遅延, 遅延時間, 遅延分, 지연, 지연시간, 지연분,
        التأخير, التأخير بالدقائق"""),
    "airline": _headings("""
        airline, airline code, carrier, carrier code, airline name, company, op unique carrier,
        marketing airline, iata airline, icao airline, reporting airline, aerolinea, compania, cia,
        cod aerolinea, codigo aerolinea, linea aerea, compania aerea, nombre aerolinea, companhia,
        companhia aerea, empresa, compagnie, compagnie aerienne, code compagnie, transporteur,
        fluggesellschaft, airline code iata, gesellschaft, 航空公司, 航空会社, alc2, alc3, compagnia,
        compagnia aerea, vettore, maatschappij, luchtvaartmaatschappij, linia, linia lotnicza,
        przewoźnik, havayolu, havayolu şirketi, авиакомпания, перевозчик, 航司, 항공사, شركة الطيران,
        الناقل"""),
    "origin": _headings("""
        origin, origin airport, departure airport, from, dep, adep, origin code, airport from, origen,
        aeropuerto origen, aeropuerto de origen, cod origen, codigo origen, aeropuerto salida, origem,
        aeroporto origem, aeroporto de origem, origine, provenance, aeroport de depart, aeroport
        origine, herkunft, abflughafen, startflughafen, von, start, 出发机场, 起飞机场, 始发机场,
        出発地, 出発空港, org3, org4, aeroporto di partenza, partenza da, luchthaven van vertrek,
        vertrekluchthaven, herkomst, lotnisko wylotu, lotnisko odlotu, skąd, kalkış, kalkış yeri,
        kalkış havalimanı, nereden, аэропорт вылета, откуда, пункт вылета, 出发地, 始发地, 出発,
        출발공항, 출발지, مطار المغادرة, مدينة المغادرة, org, departure iata, departure icao,
        departure iata code, departure icao code, dep iata, dep icao"""),
    "destination": _headings("""
        destination, destination airport, arrival airport, to, dest, ades, destination code, airport to,
        destino, aeropuerto destino, aeropuerto de destino, cod destino, codigo destino, aeroporto
        destino, aeroporto de destino, aeroport destination, aeroport d arrivee, ziel, zielflughafen,
        zielort, nach, destination iata, destination icao, dest airport, to airport, 到达机场, 目的机场,
        行先, 行き先, 到着地, des3, des4, 目的地,
        destinazione, aeroporto di arrivo, bestemming, luchthaven van bestemming, lotnisko docelowe,
        lotnisko przylotu, dokąd, varış, varış yeri, varış havalimanı, nereye, аэропорт назначения,
        аэропорт прилета, куда, пункт назначения, направление, 到达地, 到着空港, 目的空港, 도착공항,
        도착지, 목적지, مطار الوصول, الوجهة, des, arrival iata, arrival icao, arrival iata code,
        arrival icao code, arr iata, arr icao"""),
    "flight_number": _headings("""
        flight number, flight, flight no, flight num, flightnumber, fl num, flt, flt no, callsign,
        numero de vuelo, numero vuelo, n vuelo, no vuelo, vuelo, num vuelo, vlo i, numero do voo,
        numero voo, voo, numero de vol, numero vol, vol, n vol, flugnummer, flug, flugnr, flug nr,
        航班编号, 航班号, 便名, volo, numero volo, numero di volo, vlucht, vluchtnummer, numer rejsu,
        numer lotu, rejs, lot, uçuş no, uçuş numarası, sefer no, рейс, номер рейса, 航班, 편명,
        항공편, رقم الرحلة, الرحلة"""),
    "flight_type": _headings("""
        flight type, type of flight, traffic type, domestic international, dom int, haul, tipo de vuelo,
        tipo vuelo, tipovuelo, tipo, ambito, nac int, nacional internacional, tipo de voo, tipo voo,
        natureza, type de vol, type vol, nature, flugart, verkehrsart"""),
    "operated_by": _headings("""
        operator, operated by, operating airline, operating carrier, operating airline code, operador,
        operadora, operado por, aerolinea operadora, emp o, operadora aerea, operateur, opere par,
        durchfuhrende gesellschaft, durchgefuhrt von, betreiber"""),
    "cancelled": _headings("""
        cancelled, canceled, is cancelled, cancellation, cancelado, cancelada, cancelacion, anulado,
        cancelamento, annule, annulation, annulliert, gestrichen, storniert, 航班是否取消, 是否取消,
        cancellato, geannuleerd, odwołany, iptal, отменен, 결항, 결항여부, ملغاة"""),
    "cancelled_at": _headings("""
        cancelled at, canceled at, cancelled time, cancellation time, time of cancellation, hora
        cancelacion, hora de cancelacion, fecha cancelacion, fecha de cancelacion, cancelado a las,
        hora cancelamento, hora do cancelamento, heure annulation, heure d annulation"""),
    "status": _headings("""
        status, flight status, state, remark, remarks, estado, estado vuelo, estado del vuelo,
        situacion, observaciones, observacion, situacao, situacao voo, situacao do voo, estado voo,
        observacoes, statut, etat, etat du vol, statut du vol, remarque, flugstatus, zustand,
        bemerkung, 航班状态, 備考, 運航状況, stato, stato volo, stato del volo, vluchtstatus, stan,
        stan lotu, durum, uçuş durumu, статус, статус рейса, состояние, 状态, 状況, 現況, 현황, 상태,
        운항상태, الحالة, حالة الرحلة"""),
    "diverted": _headings("diverted, is diverted, desviado, devie, umgeleitet"),
    "year": _headings("""
        year, yr, ano, annee, jahr, 年,
        год"""),
    "month": _headings("""
        month, mes, mois, monat, 月,
        месяц"""),
    "day_of_month": _headings("day of month, dayof month, dia del mes, dia do mes, jour du mois, 日"),
    "aircraft": _headings("""
        tail number, tail num, tailnum, tail no, tail, registration, aircraft registration, aircraft
        reg, ac registration, ac reg, reg no, matricula, matricula aeronave, prefixo, immatriculation,
        kennzeichen, 机尾号, marche, registratie, znaki rejestracyjne, kuyruk no, бортовой номер,
        борт, 注册号, 機体番号, 등록번호"""),
    "codeshare_of": _headings("""
        main flight, mainflight, master flight, codeshare of, operating flight, vuelo principal,
        vuelo operador, voo principal, vol principal, hauptflug,
        codeshared flight iata, codeshared flight iata number"""),
    "direction": _headings("""
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
    annulliert, vuelo cancelado, voo cancelado, vol annule, canceleduncertain, cancellato, cancellata,
    geannuleerd, odwołany, odwołano, iptal, iptal edildi, отменен, отменён, отмена, 取消, 已取消,
    欠航, 결항, 취소, ملغاة, ملغى, ألغيت""")
"""Statuses of cancelled flights."""

ON_TIME = _words("""
    on time, ontime, a tiempo, en hora, en horario, puntual, pontual, no horario, à l'heure, a l'heure,
    pünktlich, in orario, op tijd, по расписанию, 定刻, 定刻通り, 准点, 正点, 정시""")
"""Words that stand for a delay of 0, in lower case but not normalised otherwise."""

DIVERTED = _words("""
    diverted, divert, div, dvt, desviado, desviada, alternado, devie, deroute, umgeleitet, 备降, 返航""")
"""Statuses of flights that landed elsewhere."""

DEPARTURES = _words("""
    d, dep, departure, departures, salida, salidas, s, partida, partidas, depart, departs, abflug,
    abfluge, start, starts, outbound, 出发, 離港, 出発""")
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


def squeeze(heading: str) -> str:
    """A heading normalised and without blanks, so that ``CRSDepTime`` is ``CRS_DEP_TIME``.

    Examples
    --------
    >>> squeeze("CRSDepTime"), squeeze("CRS_DEP_TIME"), squeeze("origin.code_iata")
    ('crsdeptime', 'crsdeptime', 'origincodeiata')
    """
    return normalise(heading).replace(" ", "")


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
