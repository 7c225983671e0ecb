namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>How one kind of CSV calls its columns. Names are compared without case and separators, so that both spellings of AWS and those of Azure's agreements are found.</summary>
internal sealed record CsvForm
{
    /// <summary>The columns documented for bills of any provider.</summary>
    public static CsvForm Plain { get; } = new()
    {
        Date = ["date", "day"],
        Amount = ["amountusd", "amount", "cost", "costusd"],
        Currency = ["currency"],
        Model = ["model"],
        Item = ["item", "description"],
        Account = ["account", "project", "apikeyid"],
        Credential = ["credential"],
        Unit = ["unit", "tokenclass"],
        Quantity = ["quantity"],
    };

    /// <summary>AWS Cost and Usage Report, 2.0 or legacy.</summary>
    public static CsvForm Aws { get; } = new()
    {
        Date = ["lineitemusagestartdate"],
        Amount = ["lineitemunblendedcost"],
        Currency = ["lineitemcurrencycode"],
        Meter = ["lineitemusagetype"],
        Account = ["lineitemiamprincipal", "lineitemresourceid", "lineitemusageaccountid"],
        Quantity = ["lineitemusageamount"],
        QuantityUnit = ["pricingunit"],
        About = ["lineitemproductcode", "productservicecode", "productproductname", "lineitemusagetype"],
        Words = ["bedrock", "-tokens", "token-count"],
    };

    /// <summary>Azure cost and usage details of any agreement.</summary>
    public static CsvForm Azure { get; } = new()
    {
        Date = ["date", "usagedatetime"],
        Amount = ["costinusd", "costinbillingcurrency", "cost", "pretaxcost"],
        Currency = ["billingcurrency", "billingcurrencycode", "currency"],
        DollarAmount = "costinusd",
        Meter = ["metername"],
        Account = ["resourceid", "instanceid", "instancename"],
        Quantity = ["quantity", "usagequantity"],
        QuantityUnit = ["unitofmeasure"],
        About = ["metercategory", "metersubcategory", "productname", "product", "consumedservice"],
        Words = ["openai", "cognitive", "foundry", "ai services"],
    };

    /// <summary>FOCUS 1.0 and later.</summary>
    public static CsvForm Focus { get; } = new()
    {
        Date = ["chargeperiodstart"],
        Amount = ["billedcost"],
        Currency = ["billingcurrency"],
        Meter = ["skumeter", "xskumetername", "xskudescription", "chargedescription"],
        Account = ["resourceid", "subaccountid"],
        Quantity = ["consumedquantity", "pricingquantity"],
        QuantityUnit = ["consumedunit", "pricingunit"],
        About = ["servicename", "skumeter", "chargedescription", "xskumetercategory", "xskumetersubcategory", "xskuservicefamily", "resourceid", "skuid"],
        Words = ["bedrock", "openai", "cognitive", "foundry", "anthropic", "claude", "token"],
    };

    public required IReadOnlyList<string> Date { get; init; }

    public required IReadOnlyList<string> Amount { get; init; }

    public required IReadOnlyList<string> Currency { get; init; }

    /// <summary>A column of amounts that are dollars whatever the currency; null for none.</summary>
    public string? DollarAmount { get; init; }

    public IReadOnlyList<string> Model { get; init; } = [];

    public IReadOnlyList<string> Item { get; init; } = [];

    /// <summary>Names of meters, which tell model and unit.</summary>
    public IReadOnlyList<string> Meter { get; init; } = [];

    public required IReadOnlyList<string> Account { get; init; }

    public IReadOnlyList<string> Credential { get; init; } = [];

    public IReadOnlyList<string> Unit { get; init; } = [];

    public required IReadOnlyList<string> Quantity { get; init; }

    public IReadOnlyList<string> QuantityUnit { get; init; } = [];

    /// <summary>Columns that tell whether a line is about models.</summary>
    public IReadOnlyList<string> About { get; init; } = [];

    /// <summary>What one of them says then; a bill of models alone has none.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}
