using System.Globalization;

namespace Gateway.Governance.Api;

/// <summary>The entry's version as an ETag, and the If-Match condition of a change.</summary>
internal static class EntityTag
{
    public static string Of(long version) => $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>The condition of a request; without the header the last writer wins.</summary>
    public static Condition From(HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        return header.Count == 0
            ? new Condition(null)
            : new Condition([.. header.SelectMany(h => (h ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))]);
    }

    /// <param name="Tags">Tags named by If-Match; null when there is no such header.</param>
    internal sealed record Condition(IReadOnlyList<string>? Tags)
    {
        public bool Allows(long version) => Tags is null || Tags.Contains("*") || Tags.Contains(Of(version));
    }
}
