"""Stable facts about countries, as of 2025: capital, continent, currency, language."""

from __future__ import annotations

# country: capital, continent, currency, main language ("-" where there is no single one).
_COUNTRIES = """
France: Paris, Europe, euro, French
Germany: Berlin, Europe, euro, German
Italy: Rome, Europe, euro, Italian
Spain: Madrid, Europe, euro, Spanish
Portugal: Lisbon, Europe, euro, Portuguese
Austria: Vienna, Europe, euro, German
Switzerland: Bern, Europe, franc, -
Greece: Athens, Europe, euro, Greek
Poland: Warsaw, Europe, zloty, Polish
Hungary: Budapest, Europe, forint, Hungarian
Sweden: Stockholm, Europe, krona, Swedish
Norway: Oslo, Europe, krone, Norwegian
Finland: Helsinki, Europe, euro, Finnish
Denmark: Copenhagen, Europe, krone, Danish
Ireland: Dublin, Europe, euro, English
Iceland: Reykjavik, Europe, krona, Icelandic
Belgium: Brussels, Europe, euro, -
Netherlands: Amsterdam, Europe, euro, Dutch
Luxembourg: Luxembourg, Europe, euro, -
Czech Republic: Prague, Europe, koruna, Czech
Slovakia: Bratislava, Europe, euro, Slovak
Slovenia: Ljubljana, Europe, euro, Slovene
Croatia: Zagreb, Europe, euro, Croatian
Serbia: Belgrade, Europe, dinar, Serbian
Romania: Bucharest, Europe, leu, Romanian
Bulgaria: Sofia, Europe, euro, Bulgarian
Albania: Tirana, Europe, lek, Albanian
Bosnia: Sarajevo, Europe, mark, Bosnian
Montenegro: Podgorica, Europe, euro, Montenegrin
North Macedonia: Skopje, Europe, denar, Macedonian
Moldova: Chisinau, Europe, leu, Romanian
Ukraine: Kyiv, Europe, hryvnia, Ukrainian
Belarus: Minsk, Europe, ruble, Belarusian
Russia: Moscow, Europe, ruble, Russian
Estonia: Tallinn, Europe, euro, Estonian
Latvia: Riga, Europe, euro, Latvian
Lithuania: Vilnius, Europe, euro, Lithuanian
Malta: Valletta, Europe, euro, Maltese
Cyprus: Nicosia, Europe, euro, Greek
Monaco: Monaco, Europe, euro, French
Liechtenstein: Vaduz, Europe, franc, German
Andorra: Andorra la Vella, Europe, euro, Catalan
San Marino: San Marino, Europe, euro, Italian
England: London, Europe, pound, English
United Kingdom: London, Europe, pound, English
Scotland: Edinburgh, Europe, pound, English
Wales: Cardiff, Europe, pound, English
Turkey: Ankara, Asia, lira, Turkish
Georgia: Tbilisi, Asia, lari, Georgian
Armenia: Yerevan, Asia, dram, Armenian
Azerbaijan: Baku, Asia, manat, Azerbaijani
Japan: Tokyo, Asia, yen, Japanese
China: Beijing, Asia, yuan, Chinese
India: New Delhi, Asia, rupee, Hindi
Pakistan: Islamabad, Asia, rupee, Urdu
Bangladesh: Dhaka, Asia, taka, Bengali
Sri Lanka: Colombo, Asia, rupee, Sinhala
Nepal: Kathmandu, Asia, rupee, Nepali
Bhutan: Thimphu, Asia, ngultrum, Dzongkha
Thailand: Bangkok, Asia, baht, Thai
Vietnam: Hanoi, Asia, dong, Vietnamese
Cambodia: Phnom Penh, Asia, riel, Khmer
Laos: Vientiane, Asia, kip, Lao
Myanmar: Naypyidaw, Asia, kyat, Burmese
Malaysia: Kuala Lumpur, Asia, ringgit, Malay
Singapore: Singapore, Asia, dollar, -
Indonesia: Jakarta, Asia, rupiah, Indonesian
Philippines: Manila, Asia, peso, Filipino
Brunei: Bandar Seri Begawan, Asia, dollar, Malay
South Korea: Seoul, Asia, won, Korean
North Korea: Pyongyang, Asia, won, Korean
Mongolia: Ulaanbaatar, Asia, tugrik, Mongolian
Taiwan: Taipei, Asia, dollar, Chinese
Iran: Tehran, Asia, rial, Persian
Iraq: Baghdad, Asia, dinar, Arabic
Syria: Damascus, Asia, pound, Arabic
Lebanon: Beirut, Asia, pound, Arabic
Jordan: Amman, Asia, dinar, Arabic
Israel: Jerusalem, Asia, shekel, Hebrew
Saudi Arabia: Riyadh, Asia, riyal, Arabic
Yemen: Sanaa, Asia, rial, Arabic
Oman: Muscat, Asia, rial, Arabic
Qatar: Doha, Asia, riyal, Arabic
Kuwait: Kuwait City, Asia, dinar, Arabic
Bahrain: Manama, Asia, dinar, Arabic
United Arab Emirates: Abu Dhabi, Asia, dirham, Arabic
Afghanistan: Kabul, Asia, afghani, Pashto
Kazakhstan: Astana, Asia, tenge, Kazakh
Uzbekistan: Tashkent, Asia, som, Uzbek
Turkmenistan: Ashgabat, Asia, manat, Turkmen
Kyrgyzstan: Bishkek, Asia, som, Kyrgyz
Tajikistan: Dushanbe, Asia, somoni, Tajik
Maldives: Male, Asia, rufiyaa, Dhivehi
Egypt: Cairo, Africa, pound, Arabic
Libya: Tripoli, Africa, dinar, Arabic
Tunisia: Tunis, Africa, dinar, Arabic
Algeria: Algiers, Africa, dinar, Arabic
Morocco: Rabat, Africa, dirham, Arabic
Sudan: Khartoum, Africa, pound, Arabic
Ethiopia: Addis Ababa, Africa, birr, Amharic
Eritrea: Asmara, Africa, nakfa, Tigrinya
Somalia: Mogadishu, Africa, shilling, Somali
Djibouti: Djibouti, Africa, franc, French
Kenya: Nairobi, Africa, shilling, Swahili
Tanzania: Dodoma, Africa, shilling, Swahili
Uganda: Kampala, Africa, shilling, English
Rwanda: Kigali, Africa, franc, Kinyarwanda
Burundi: Gitega, Africa, franc, Kirundi
Nigeria: Abuja, Africa, naira, English
Ghana: Accra, Africa, cedi, English
Senegal: Dakar, Africa, franc, French
Mali: Bamako, Africa, franc, -
Niger: Niamey, Africa, franc, -
Chad: N'Djamena, Africa, franc, French
Ivory Coast: Yamoussoukro, Africa, franc, French
Cameroon: Yaounde, Africa, franc, French
Gabon: Libreville, Africa, franc, French
Liberia: Monrovia, Africa, dollar, English
Sierra Leone: Freetown, Africa, leone, English
Guinea: Conakry, Africa, franc, French
Gambia: Banjul, Africa, dalasi, English
Benin: Porto-Novo, Africa, franc, French
Togo: Lome, Africa, franc, French
Burkina Faso: Ouagadougou, Africa, franc, -
Angola: Luanda, Africa, kwanza, Portuguese
Zambia: Lusaka, Africa, kwacha, English
Zimbabwe: Harare, Africa, dollar, English
Malawi: Lilongwe, Africa, kwacha, English
Mozambique: Maputo, Africa, metical, Portuguese
Botswana: Gaborone, Africa, pula, English
Namibia: Windhoek, Africa, dollar, English
South Africa: Pretoria, Africa, rand, -
Lesotho: Maseru, Africa, loti, Sesotho
Madagascar: Antananarivo, Africa, ariary, Malagasy
Mauritius: Port Louis, Africa, rupee, English
Seychelles: Victoria, Africa, rupee, -
Congo: Brazzaville, Africa, franc, French
Mauritania: Nouakchott, Africa, ouguiya, Arabic
Cape Verde: Praia, Africa, escudo, Portuguese
United States: Washington D.C., North America, dollar, English
Canada: Ottawa, North America, dollar, English
Mexico: Mexico City, North America, peso, Spanish
Cuba: Havana, North America, peso, Spanish
Jamaica: Kingston, North America, dollar, English
Haiti: Port-au-Prince, North America, gourde, Haitian Creole
Dominican Republic: Santo Domingo, North America, peso, Spanish
Bahamas: Nassau, North America, dollar, English
Barbados: Bridgetown, North America, dollar, English
Guatemala: Guatemala City, North America, quetzal, Spanish
Honduras: Tegucigalpa, North America, lempira, Spanish
El Salvador: San Salvador, North America, dollar, Spanish
Nicaragua: Managua, North America, cordoba, Spanish
Costa Rica: San Jose, North America, colon, Spanish
Panama: Panama City, North America, balboa, Spanish
Belize: Belmopan, North America, dollar, English
Trinidad: Port of Spain, North America, dollar, English
Brazil: Brasilia, South America, real, Portuguese
Argentina: Buenos Aires, South America, peso, Spanish
Chile: Santiago, South America, peso, Spanish
Peru: Lima, South America, sol, Spanish
Bolivia: Sucre, South America, boliviano, Spanish
Colombia: Bogota, South America, peso, Spanish
Venezuela: Caracas, South America, bolivar, Spanish
Ecuador: Quito, South America, dollar, Spanish
Uruguay: Montevideo, South America, peso, Spanish
Paraguay: Asuncion, South America, guarani, Spanish
Guyana: Georgetown, South America, dollar, English
Suriname: Paramaribo, South America, dollar, Dutch
Australia: Canberra, Oceania, dollar, English
New Zealand: Wellington, Oceania, dollar, English
Fiji: Suva, Oceania, dollar, Fijian
Papua New Guinea: Port Moresby, Oceania, kina, -
Samoa: Apia, Oceania, tala, Samoan
Tonga: Nuku'alofa, Oceania, paanga, Tongan
"""

_OTHER_NAMES = {
    "United States": "(united states|usa|us|u.s.|america|united states of america|states)",
    "United Kingdom": "(united kingdom|uk|great britain|britain|u.k.)",
    "Czech Republic": "(czech republic|czechia)",
    "Netherlands": "(netherlands|holland)",
    "United Arab Emirates": "(united arab emirates|uae|emirates)",
    "Bosnia": "(bosnia|bosnia and herzegovina)",
    "Trinidad": "(trinidad|trinidad and tobago)",
    "Ivory Coast": "(ivory coast|cote d'ivoire)",
    "Myanmar": "(myanmar|burma)",
    "South Korea": "(south korea|korea)",
}
_WITH_ARTICLE = (
    "United States", "United Kingdom", "Czech Republic", "Netherlands", "United Arab Emirates",
    "Philippines", "Bahamas", "Maldives", "Gambia", "Dominican Republic",
)  # fmt: skip
# The largest and other famous cities, whose country people ask for.
_CITIES = """
New York: United States; Los Angeles: United States; Chicago: United States; Sydney: Australia
Melbourne: Australia; Toronto: Canada; Montreal: Canada; Vancouver: Canada; Munich: Germany
Hamburg: Germany; Frankfurt: Germany; Cologne: Germany; Barcelona: Spain; Seville: Spain
Milan: Italy; Venice: Italy; Florence: Italy; Naples: Italy; Lyon: France; Marseille: France
Nice: France; Geneva: Switzerland; Zurich: Switzerland; Rotterdam: Netherlands; Manchester: England
Liverpool: England; Oxford: England; Glasgow: Scotland; Istanbul: Turkey; Dubai: United Arab Emirates
Mumbai: India; Delhi: India; Shanghai: China; Hong Kong: China; Osaka: Japan; Kyoto: Japan
Rio de Janeiro: Brazil; Sao Paulo: Brazil; Cape Town: South Africa; Johannesburg: South Africa
Lagos: Nigeria; Casablanca: Morocco; Marrakesh: Morocco; Krakow: Poland; Saint Petersburg: Russia
Auckland: New Zealand; Karachi: Pakistan; Lahore: Pakistan; Boston: United States; Miami: United States
"""


def _table() -> list[tuple[str, list[str]]]:
    rows = []
    for line in _COUNTRIES.strip().splitlines():
        country, rest = line.split(": ")
        rows.append((country, rest.split(", ")))
    return rows


def _name(country: str) -> str:
    name = _OTHER_NAMES.get(country, country)
    return f"(the |){name}" if country in _WITH_ARTICLE else name


def _cities() -> dict[str, str]:
    pairs = _CITIES.strip().replace("\n", "; ").split("; ")
    return {city: country for city, _, country in (pair.partition(": ") for pair in pairs)}


_ROWS = _table()
WORLD: dict[str, dict[str, str]] = {
    "capital": {_name(country): row[0] for country, row in _ROWS},
    "continent": {_name(country): row[1] for country, row in _ROWS},
    "currency": {_name(country): row[2] for country, row in _ROWS},
    "language": {_name(country): row[3] for country, row in _ROWS if row[3] != "-"},
    "capital of which": {
        row[0]: country
        for country, row in _ROWS
        if row[0] != country and country not in ("United Kingdom",)
    },
    "country of city": {
        **{row[0]: country for country, row in _ROWS if row[0] != country},
        "London": "England",
        **_cities(),
    },
}
"""relation -> key (a pattern) -> answer."""
