using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Usage.Export;

/// <summary>
/// Rows in the columns of FOCUS 1.2, the FinOps Open Cost and Usage Specification, a row for each record. What a gateway knows beyond them is in columns with <c>x_</c>, as the
/// specification wants it. Prices are list prices: billed, list, contracted and effective cost are the same figure, and no invoice stands behind it.
/// </summary>
internal sealed class FocusFormat : IUsageFormat
{
    private static readonly string[] Columns =
    [
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription",
        "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
        "PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory", "ServiceName",
        "ServiceSubcategory", "SkuId", "SkuPriceId", "SubAccountId", "SubAccountName", "Tags",
        "x_RecordId", "x_RequestCount", "x_Model", "x_VirtualKey", "x_User", "x_EndUser", "x_InputTokens", "x_CachedInputTokens", "x_OutputTokens", "x_Estimated", "x_Unpriced",
        "x_CacheUse", "x_SavedCost",
    ];

    public string ContentType => "text/csv; charset=utf-8";

    public string Extension => "focus.csv";

    public void Begin(StringBuilder to) => new CsvWriter(to).Header(Columns);

    public void Write(StringBuilder to, UsageRecordView record)
    {
        var t = record.Tokens;
        var tokens = UsageSums.Tokens(t);
        var start = record.StartedAt.UtcDateTime;
        var hour = new DateTime(start.Year, start.Month, start.Day, start.Hour, 0, 0, DateTimeKind.Utc);
        var month = new DateTime(start.Year, start.Month, 1, 0, 0, 0, DateTimeKind.Utc);
        var (quantity, unit) = tokens > 0 ? (tokens, "Tokens") : (record.Count, "Requests");
        var isPriced = record.PriceVersion.Length > 0;
        var account = record.Credential.Length > 0 ? record.Credential : record.Provider;
        var row = new CsvWriter(to);
        row.Usd(record.CostNanoUsd).Text(account.Length > 0 ? account : "none").Text(account).Text("USD").Text(Time(month.AddMonths(1))).Text(Time(month)).Text("Usage").Text(null)
            .Text($"{record.Operation} with {record.Model}").Text("Usage-Based").Text(Time(hour.AddHours(1))).Text(Time(hour)).Number(quantity).Text(unit)
            .Usd(record.CostNanoUsd).Usd(record.CostNanoUsd).Text(Named(record.Provider)).Usd(record.CostNanoUsd)
            .Text("Standard").Number(quantity).Text(unit).Text(Named(record.Provider)).Text(Named(record.Provider)).Text(record.Deployment).Text(record.Model).Text("Model deployment")
            .Text("AI and Machine Learning").Text(record.Operation.ToString()).Text("Generative AI").Text(isPriced ? record.Deployment : null).Text(record.PriceVersion)
            .Text(record.Customer.Length > 0 ? record.Customer : record.Team).Text(record.Customer.Length > 0 ? record.Customer : record.Team).Text(Tags(record))
            .Text(record.Id).Number(record.Count).Text(record.Model).Text(record.Key).Text(record.User).Text(record.EndUser)
            .Number(tokens - t.Output - t.Reasoning - t.AudioOutput - t.ImageOutput).Number(t.CacheRead + t.AudioCacheRead + t.ImageCacheRead)
            .Number(t.Output + t.Reasoning + t.AudioOutput + t.ImageOutput).Flag(record.Estimated).Flag(!isPriced && tokens > 0)
            .Text(record.Cache.ToString()).Usd(record.SavedNanoUsd);
        row.End();
    }

    // Refused requests have none, and the column must not be empty.
    private static string Named(string provider) => provider.Length > 0 ? provider : "none";

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Tags(UsageRecordView record)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (record.Team.Length > 0)
            {
                json.WriteString("team", record.Team);
            }

            foreach (var tag in record.Tags.Distinct(StringComparer.Ordinal))
            {
                // Tags of one word are true, as the specification has it for tags without a value.
                json.WriteBoolean(tag == "team" ? "tag:team" : tag, true);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
