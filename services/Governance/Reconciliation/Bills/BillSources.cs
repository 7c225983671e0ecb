using System.Text;
using System.Text.Json;

namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>The forms of bills that can be read.</summary>
internal static class BillSources
{
    /// <summary>Most lines of one bill.</summary>
    public const int MostLines = 500_000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    private static readonly Dictionary<string, Func<string, BillOptions, Bill>> Readers = new(StringComparer.Ordinal)
    {
        ["csv"] = (text, options) => CsvBill.Read(text, CsvForm.Plain, options),
        ["aws"] = (text, options) => CsvBill.Read(text, CsvForm.Aws, options),
        ["azure"] = (text, options) => CsvBill.Read(text, CsvForm.Azure, options),
        ["focus"] = (text, options) => CsvBill.Read(text, CsvForm.Focus, options),
        ["openai"] = (text, options) => Json(text, options, OpenAIBill.Read),
        ["anthropic"] = (text, options) => Json(text, options, AnthropicBill.Read),
    };

    /// <summary>Their names.</summary>
    public static IReadOnlyCollection<string> Names => Readers.Keys;

    /// <summary>Reads a bill.</summary>
    /// <exception cref="BillException">It is not of its source's form.</exception>
    public static Bill Read(string source, byte[] content, BillOptions options)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            throw new BillException("The file is not UTF-8 text.");
        }

        var bill = Readers[source](text, options);
        return bill with { Lines = BilledLine.Merged(bill.Lines.Select(l => Mapped(l, options))) };
    }

    private static BilledLine Mapped(BilledLine line, BillOptions options) => line with
    {
        Model = options.Models.GetValueOrDefault(line.Model, line.Model),
        CredentialId = line.CredentialId.Length > 0 ? line.CredentialId : options.Credentials.GetValueOrDefault(line.Account, ""),

        // Nothing of nothing is not rounded: a zero without decimals would else excuse half a cent of differences elsewhere.
        Tolerance = line is { Quantity: 0, NanoUsd: 0 } ? 0 : line.Tolerance,
    };

    private static Bill Json(string text, BillOptions options, Func<JsonElement, Bill> read)
    {
        if (options.Columns.Count > 0)
        {
            throw new BillException("Only CSV has columns to name.");
        }

        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            return read(document.RootElement);
        }
        catch (JsonException malformed)
        {
            throw new BillException($"The file is not valid JSON: line {malformed.LineNumber + 1}.");
        }
        catch (Exception wrong) when (wrong is FormatException or InvalidOperationException)
        {
            throw new BillException($"The file cannot be read: {wrong.Message}");
        }
    }
}
