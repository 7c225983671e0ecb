using System.Text.Json;

namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>
/// Reads <c>/v1/organization/costs</c>, grouped by line item, and takes the quantities from <c>/v1/organization/usage/completions</c>, grouped by model, by project where the costs are.
/// </summary>
internal static class OpenAIBill
{
    public static Bill Read(JsonElement root)
    {
        var (costs, usage) = JsonBill.Pages(root);
        var quantities = new Dictionary<(long Day, string Project, string Model, BilledUnit Unit), long>();
        foreach (var (bucket, result) in usage)
        {
            Count(quantities, bucket, result);
        }

        var isByProject = quantities.Keys.Any(k => k.Project.Length > 0);
        var bill = JsonBill.Read(costs, Line);

        // Several lines of one thing share its quantity: the first has it, the others add their amounts.
        var taken = new HashSet<(long, string, string, BilledUnit)>();
        return bill with
        {
            Lines =
            [
                .. BilledLine.Merged(bill.Lines).Select(l =>
                {
                    var key = (l.Day, isByProject ? l.Account : "", l.Model, l.Unit);
                    return l.Quantity is null && quantities.TryGetValue(key, out var quantity) ? l with { Quantity = taken.Add(key) ? quantity : 0 } : l;
                }),
            ],
        };
    }

    private static BilledLine? Line(JsonElement bucket, JsonElement result)
    {
        if (!result.TryGetProperty("amount", out var amount) || amount.ValueKind != JsonValueKind.Object || JsonBill.Number(amount, "value") is not { Length: > 0 } value)
        {
            throw new FormatException("The result has no amount.");
        }

        BillFields.Currency(JsonBill.Text(amount, "currency"));
        var (nanoUsd, tolerance) = BillFields.Money(value);
        var item = JsonBill.Text(result, "line_item");
        var (model, unit) = MeterName.Read(item);
        var quantity = JsonBill.Number(result, "quantity");
        return new BilledLine
        {
            Day = JsonBill.Day(bucket, "start_time"),
            Model = BillFields.Text(model),
            Item = BillFields.Text(item),
            Account = BillFields.Text(JsonBill.Text(result, "project_id")),
            Unit = unit,
            Quantity = unit != BilledUnit.Other && quantity.Length > 0 ? BillFields.Quantity(quantity) : null,
            NanoUsd = nanoUsd,
            Tolerance = Math.Min(tolerance, 1000),
        };
    }

    // Its input holds what was cached, and audio; the output holds audio.
    private static void Count(Dictionary<(long, string, string, BilledUnit), long> quantities, JsonElement bucket, JsonElement result)
    {
        var (cached, audio, cachedAudio) = (JsonBill.Count(result, "input_cached_tokens"), JsonBill.Count(result, "input_audio_tokens"), JsonBill.Count(result, "input_cached_audio_tokens"));
        var (output, audioOutput) = (JsonBill.Count(result, "output_tokens"), JsonBill.Count(result, "output_audio_tokens"));
        var (day, project, model) = (JsonBill.Day(bucket, "start_time"), BillFields.Text(JsonBill.Text(result, "project_id")), BillFields.Text(JsonBill.Text(result, "model")));
        foreach (var (unit, quantity) in (ReadOnlySpan<(BilledUnit, long)>)
            [
                (BilledUnit.Input, JsonBill.Count(result, "input_tokens") - cached - audio + cachedAudio), (BilledUnit.CacheRead, cached - cachedAudio),
                (BilledUnit.AudioInput, audio - cachedAudio), (BilledUnit.AudioCacheRead, cachedAudio), (BilledUnit.Output, output - audioOutput), (BilledUnit.AudioOutput, audioOutput),
            ])
        {
            quantities[(day, project, model, unit)] = quantities.GetValueOrDefault((day, project, model, unit)) + Math.Max(0, quantity);
        }
    }
}
