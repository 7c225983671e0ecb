using System.Text.Json;

namespace Gateway.Edge.Http;

/// <summary>
/// The header <c>x-gateway-metadata</c>: what a body says in its <c>metadata</c>, for dialects whose bodies have no place for it. Pairs
/// <c>name=value</c> separated by commas, or a JSON object of texts, numbers and truth values.
/// </summary>
internal static class CallerMetadata
{
    private const int MostChars = 8_192;
    private const int MostEntries = 64;
    private const int MostNameChars = 128;
    private const int MostValueChars = 1_024;
    private const string Form = "It holds name=value pairs separated by commas, or a JSON object of texts, numbers and truth values.";

    /// <summary>Reads the header.</summary>
    /// <param name="header">Its value.</param>
    /// <param name="metadata">What it says; empty when a problem is returned.</param>
    /// <returns>Null, or what is wrong with it.</returns>
    public static string? Read(string header, out IReadOnlyDictionary<string, string> metadata)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        metadata = entries;
        var problem = header.Length > MostChars ? $"The header {GatewayHeaders.Metadata} has at most {MostChars} characters."
            : header.AsSpan().TrimStart().StartsWith("{") ? ReadJson(header, entries)
            : ReadPairs(header, entries);
        if (problem is not null)
        {
            entries.Clear();
        }

        return problem;
    }

    private static string? ReadPairs(string header, Dictionary<string, string> entries)
    {
        foreach (var pair in header.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                return $"The header {GatewayHeaders.Metadata} has an entry without '='. {Form}";
            }

            if (Add(entries, pair[..equals].TrimEnd(), pair[(equals + 1)..].TrimStart()) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? ReadJson(string header, Dictionary<string, string> entries)
    {
        try
        {
            using var document = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 4 });
            foreach (var member in document.RootElement.EnumerateObject())
            {
                var value = member.Value.ValueKind switch
                {
                    JsonValueKind.String => member.Value.GetString(),
                    JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => member.Value.GetRawText(),
                    _ => null,
                };
                if (value is null)
                {
                    return $"A value in the header {GatewayHeaders.Metadata} is no text, number or truth value. {Form}";
                }

                if (Add(entries, member.Name, value) is { } problem)
                {
                    return problem;
                }
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is a lone surrogate, which JSON can write and no text can hold.
            return $"The header {GatewayHeaders.Metadata} begins like a JSON object and is none. {Form}";
        }
    }

    private static string? Add(Dictionary<string, string> entries, string name, string value) =>
        name.Length is 0 or > MostNameChars || value.Length > MostValueChars
            ? $"In the header {GatewayHeaders.Metadata} a name has 1 to {MostNameChars} characters, a value at most {MostValueChars}."
        : entries.Count == MostEntries ? $"The header {GatewayHeaders.Metadata} has at most {MostEntries} entries."
        : entries.TryAdd(name, value) ? null
        : $"The header {GatewayHeaders.Metadata} names an entry twice.";
}
