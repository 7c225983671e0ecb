using System.Text.Json;

namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>
/// Reads <c>/v1/organizations/cost_report</c>, grouped by workspace and description, and takes the quantities from <c>/v1/organizations/usage_report/messages</c>, grouped by workspace,
/// model, service tier and context window. Amounts are in cents.
/// </summary>
internal static class AnthropicBill
{
    private const decimal CentsPerUsd = 100;

    public static Bill Read(JsonElement root)
    {
        var (costs, usage) = JsonBill.Pages(root);
        var quantities = new Dictionary<(long Day, string Workspace, string Model, string Item, BilledUnit Unit), long>();
        foreach (var (bucket, result) in usage)
        {
            Count(quantities, bucket, result);
        }

        var bill = JsonBill.Read(costs, Line);
        return bill with
        {
            Lines =
            [
                .. BilledLine.Merged(bill.Lines)
                    .Select(l => quantities.TryGetValue((l.Day, l.Account, l.Model, l.Item, l.Unit), out var quantity) ? l with { Quantity = quantity } : l),
            ],
        };
    }

    private static BilledLine? Line(JsonElement bucket, JsonElement result)
    {
        BillFields.Currency(JsonBill.Text(result, "currency"));
        var (nanoUsd, tolerance) = BillFields.Money(JsonBill.Number(result, "amount") is { Length: > 0 } amount ? amount : throw new FormatException("The result has no amount."), CentsPerUsd);
        var type = JsonBill.Text(result, "cost_type");
        return new BilledLine
        {
            Day = JsonBill.Day(bucket, "starting_at"),
            Model = BillFields.Text(JsonBill.Text(result, "model")),
            Item = BillFields.Text(type is "" or "tokens" ? Item(result) : type),
            Account = BillFields.Text(JsonBill.Text(result, "workspace_id")),
            Unit = type == "web_search" ? BilledUnit.WebSearches : Unit(JsonBill.Text(result, "token_type")),
            NanoUsd = nanoUsd,
            Tolerance = Math.Min(tolerance, 1000),
        };
    }

    private static BilledUnit Unit(string tokenType) => tokenType switch
    {
        "uncached_input_tokens" => BilledUnit.Input,
        "cache_read_input_tokens" => BilledUnit.CacheRead,
        "cache_creation.ephemeral_5m_input_tokens" => BilledUnit.CacheWrite,
        "cache_creation.ephemeral_1h_input_tokens" => BilledUnit.CacheWriteHour,
        "output_tokens" => BilledUnit.Output,
        "" => BilledUnit.Other,
        _ => throw new FormatException($"The token type '{BillFields.Text(tokenType)}' is unknown."),
    };

    private static string Item(JsonElement result) => $"{JsonBill.Text(result, "service_tier")} {JsonBill.Text(result, "context_window")}".Trim();

    private static void Count(Dictionary<(long, string, string, string, BilledUnit), long> quantities, JsonElement bucket, JsonElement result)
    {
        var creation = result.TryGetProperty("cache_creation", out var nested) && nested.ValueKind == JsonValueKind.Object ? nested : result;
        var (day, workspace, model, item) = (JsonBill.Day(bucket, "starting_at"), BillFields.Text(JsonBill.Text(result, "workspace_id")), BillFields.Text(JsonBill.Text(result, "model")), BillFields.Text(Item(result)));
        foreach (var (unit, quantity) in (ReadOnlySpan<(BilledUnit, long)>)
            [
                (BilledUnit.Input, JsonBill.Count(result, "uncached_input_tokens")), (BilledUnit.CacheRead, JsonBill.Count(result, "cache_read_input_tokens")),
                (BilledUnit.CacheWrite, JsonBill.Count(creation, "ephemeral_5m_input_tokens")), (BilledUnit.CacheWriteHour, JsonBill.Count(creation, "ephemeral_1h_input_tokens")),
                (BilledUnit.Output, JsonBill.Count(result, "output_tokens")),
            ])
        {
            quantities[(day, workspace, model, item, unit)] = quantities.GetValueOrDefault((day, workspace, model, item, unit)) + quantity;
        }
    }
}
