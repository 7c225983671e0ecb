using System.Globalization;
using System.Text.Json;

namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>Reads pages of cost APIs: <c>{"data": [bucket…]}</c>, or <c>{"costs": [page…], "usage": [page…]}</c>, as they are fetched.</summary>
internal static class JsonBill
{
    private const int MostRefused = 1000;

    /// <summary>The results of costs and of usage with their buckets, in order.</summary>
    /// <exception cref="BillException">The document is of neither form.</exception>
    public static (List<(JsonElement Bucket, JsonElement Result)> Costs, List<(JsonElement Bucket, JsonElement Result)> Usage) Pages(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("data", out _))
        {
            return (Results([root]), []);
        }

        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("costs", out var costs) && costs.ValueKind == JsonValueKind.Array
            ? (Results(costs.EnumerateArray()), root.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Array ? Results(usage.EnumerateArray()) : [])
            : throw new BillException("The document must be a page of the cost API, or {\"costs\": [pages], \"usage\": [pages]}.");
    }

    /// <summary>Reads each result, noting those that cannot be read.</summary>
    public static Bill Read(List<(JsonElement Bucket, JsonElement Result)> results, Func<JsonElement, JsonElement, BilledLine?> read)
    {
        var lines = new List<BilledLine>(results.Count);
        var refused = new List<RefusedLine>();
        var skipped = 0;
        for (var i = 0; i < results.Count; i++)
        {
            try
            {
                if (read(results[i].Bucket, results[i].Result) is { } line)
                {
                    lines.Add(line);
                }
                else
                {
                    skipped++;
                }
            }
            catch (FormatException wrong)
            {
                refused.Add(refused.Count < MostRefused ? new RefusedLine(i + 1, wrong.Message) : throw new BillException($"More than {MostRefused} results cannot be read; the first: {refused[0].Reason}"));
            }
        }

        return new Bill(lines, refused, skipped);
    }

    /// <summary>A text; empty when it is missing or null.</summary>
    public static string Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException($"'{name}' is no text.")
            : "";

    /// <summary>A number as it is written, also within a text; empty when it is missing or null.</summary>
    public static string Number(JsonElement element, string name)
        => !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? ""
            : value.ValueKind switch
            {
                JsonValueKind.Number => value.GetRawText(),
                JsonValueKind.String => value.GetString()!,
                _ => throw new FormatException($"'{name}' is no number."),
            };

    /// <summary>A count; 0 when it is missing or null.</summary>
    public static long Count(JsonElement element, string name) => Number(element, name) is { Length: > 0 } text ? BillFields.Quantity(text) : 0;

    /// <summary>The day that a bucket of Unix seconds or of an instant begins on.</summary>
    public static long Day(JsonElement bucket, string name)
        => Number(bucket, name) is { Length: > 0 } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 32_503_680_000
            ? BillFields.Day(DateTimeOffset.FromUnixTimeSeconds(seconds))
            : BillFields.Day(Text(bucket, name));

    private static List<(JsonElement, JsonElement)> Results(IEnumerable<JsonElement> pages)
    {
        var all = new List<(JsonElement, JsonElement)>();
        foreach (var page in pages)
        {
            foreach (var bucket in List(page, "data"))
            {
                foreach (var result in List(bucket, "results"))
                {
                    all.Add(result.ValueKind == JsonValueKind.Object ? (bucket, result) : throw new BillException("A result is no object."));
                    if (all.Count > BillSources.MostLines)
                    {
                        throw new BillException($"A bill has at most {BillSources.MostLines} results: take fewer days.");
                    }
                }
            }
        }

        return all;
    }

    private static JsonElement.ArrayEnumerator List(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : throw new BillException($"A page or bucket has no list '{name}'.");
}
