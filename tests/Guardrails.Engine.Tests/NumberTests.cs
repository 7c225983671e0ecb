using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Tests;

public sealed class NumberTests
{
    [Theory]
    [InlineData("date of birth: 4 March 1974", "date_of_birth")]
    [InlineData("she was born on July 26th, 1993", "date_of_birth")]
    [InlineData("SWIFT code KLMNGB2L731", "swift")]
    [InlineData("The Japan MyNumber 9029 3869 9805 belongs to her", "jp_my_number")]
    [InlineData("CUIT 20-05536168-2", "ar_cuit")]
    [InlineData("TFN 123 456 782", "au_tfn")]
    [InlineData("rijksregisternummer 85.07.30-033.28", "be_nrn")]
    [InlineData("CPF 390.533.447-05", "br_cpf")]
    [InlineData("EGN 7523169263", "bg_egn")]
    [InlineData("SIN 123-456-782", "ca_sin")]
    [InlineData("RUT 12.531.909-2", "cl_rut")]
    [InlineData("id 360426199101010071", "cn_id")]
    [InlineData("NIT tax 213.123.432-1", "co_nit")]
    [InlineData("OIB 33392005961", "hr_oib")]
    [InlineData("rodné číslo 710319/2745", "cz_rc")]
    [InlineData("CPR 211062-5629", "dk_cpr")]
    [InlineData("cédula 171430710-3", "ec_ci")]
    [InlineData("isikukood 36805280109", "ee_ik")]
    [InlineData("henkilötunnus 131052-308T", "fi_hetu")]
    [InlineData("NIR 295109912611193", "fr_nir")]
    [InlineData("Steuer ID 36574261809", "de_tax_id")]
    [InlineData("AMKA 01013099997", "gr_amka")]
    [InlineData("kennitala 120174-3399", "is_kennitala")]
    [InlineData("Aadhaar 2341 2341 2346", "in_aadhaar")]
    [InlineData("PAN ACUPA7085R", "in_pan")]
    [InlineData("NIK 3171011708450001", "id_nik")]
    [InlineData("PPS 6433435F", "ie_pps")]
    [InlineData("teudat zehut 039337423", "il_id")]
    [InlineData("codice fiscale RCCMNL83S18D969H", "it_fiscal_code")]
    [InlineData("resident id 971013-9019902", "kr_rrn")]
    [InlineData("NRIC 770305-02-1234", "my_nric")]
    [InlineData("CURP BOXW310820HNERXN09", "mx_curp")]
    [InlineData("BSN 111222333", "nl_bsn")]
    [InlineData("personal id 151086 95088", "no_fnr")]
    [InlineData("CNIC id 34201-0891231-8", "pk_cnic")]
    [InlineData("PESEL 44051401359", "pl_pesel")]
    [InlineData("NIF 501 964 843", "pt_nif")]
    [InlineData("CNP 1630615123457", "ro_cnp")]
    [InlineData("EMSO 0101006500006", "si_emso")]
    [InlineData("DNI 54362315K", "es_nif")]
    [InlineData("NIE X2482300W", "es_nie")]
    [InlineData("personnummer 880320-0016", "se_personnummer")]
    [InlineData("AHV 756.9217.0769.85", "ch_ahv")]
    [InlineData("TCKN 17291716060", "tr_tckn")]
    [InlineData("NHS 943 476 5870", "uk_nhs")]
    [InlineData("NINO AB 12 34 56 C", "uk_nino")]
    [InlineData("South African ID 7503305044089", "za_id")]
    [InlineData("IBAN GB82 WEST 1234 5698 7654 32", "iban")]
    [InlineData("card 4111 1111 1111 1111", "credit_card")]
    [InlineData("card 378282246310005", "credit_card")]
    [InlineData("SSN 078-05-1120", "us_ssn")]
    [InlineData("pay to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "crypto_address")]
    [InlineData("pay to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "crypto_address")]
    [InlineData("pay to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "crypto_address")]
    [InlineData("mac 00:1A:2B:3C:4D:5E here", "mac_address")]
    [InlineData("host fe80::1ff:fe23:4567:890a up", "ip_address")]
    [InlineData("call +49 30 901820", "phone")]
    public void A_number_is_found_and_known(string text, string kind)
    {
        var outcome = GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], Streaming.Compile(new GuardrailRuleEntry { Detector = "pii", Kinds = [kind] }));

        Assert.True(outcome.Findings.Count == 1, $"{text}: {outcome.Findings.Count}");
    }

    [Theory]
    [InlineData("card 4111 1111 1111 1112", "credit_card")]
    [InlineData("IBAN GB82 WEST 1234 5698 7654 33", "iban")]
    [InlineData("BSN 111222334", "nl_bsn")]
    [InlineData("order 111222333 shipped", "nl_bsn")]
    [InlineData("SSN 000-05-1120", "us_ssn")]
    [InlineData("pay to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "crypto_address")]
    [InlineData("pay to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "crypto_address")]
    [InlineData("version 1.2.3.400", "ip_address")]
    public void What_does_not_check_is_not_found(string text, string kind)
        => Assert.Empty(GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], Streaming.Compile(new GuardrailRuleEntry { Detector = "pii", Kinds = [kind] })).Findings);
}
