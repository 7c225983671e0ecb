using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>Reads one line of <c>providers.tsv</c>.</summary>
internal static class CatalogueLine
{
    private static readonly string[] Columns =
    [
        "id", "base_url", "key_env", "base_env", "auth_header", "stream_usage", "prices", "kind", "responses", "normalize", "rename", "drop", "usage", "headers", "quirks",
    ];

    /// <summary>True when the first line of the table names the columns that are read here.</summary>
    public static bool IsHeader(string? line) => line is not null && line.Split('\t').SequenceEqual(Columns, StringComparer.Ordinal);

    public static CatalogueProvider Parse(string line)
    {
        var columns = line.Split('\t');
        if (columns.Length != Columns.Length)
        {
            throw new InvalidOperationException($"providers.tsv: a line has {columns.Length} columns instead of {Columns.Length}: {columns[0]}");
        }

        return new CatalogueProvider
        {
            Id = columns[0],
            BaseUrl = columns[1].TrimEnd('/'),
            KeyVariables = List(columns[2]),
            BaseUrlVariable = Text(columns[3]),
            AuthHeader = Text(columns[4]) ?? "Authorization",
            StreamUsageOption = columns[5] != "no",
            PriceProvider = Text(columns[6]) ?? columns[0],
            Kind = Text(columns[7]) is { } kind ? Enum.Parse<ProviderKind>(kind, ignoreCase: true) : ProviderKind.OpenAI,
            NativeResponses = columns[8] == "yes",
            Normalize = columns[9] != "no",
            RenamedParameters = Pairs(columns[10]),
            DroppedParameters = List(columns[11]),
            UsagePath = Text(columns[12]),
            Headers = Pairs(columns[13]),
            Quirks = columns[14],
        };
    }

    private static string? Text(string column) => column.Length == 0 ? null : column;

    private static string[] List(string column) => column.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Dictionary<string, string> Pairs(string column) =>
        List(column).Select(static pair => pair.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal);
}
