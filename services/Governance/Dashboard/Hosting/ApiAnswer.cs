using System.Globalization;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Hosting;

/// <summary>What an operation of the admin API answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The JSON body; problem details where it was refused.</param>
public sealed record ApiAnswer(int Status, J Body)
{
    /// <summary>An answer for what was not asked, because the user may not.</summary>
    public static ApiAnswer NotAsked { get; } = new(0, default);

    /// <summary>True when it was carried out.</summary>
    public bool Ok => Status is >= 200 and < 300;

    /// <summary>The version of the entry, as <c>If-Match</c> wants it; null for none.</summary>
    public string? ETag { get; init; }

    /// <summary>The text of an answer that is no JSON; empty for JSON.</summary>
    public string Text { get; init; } = "";

    /// <summary>What is wrong, in a sentence.</summary>
    public string Title => Body["title"].TextOr($"The gateway answered {Status.ToString(CultureInfo.InvariantCulture)}.");

    /// <summary>What is wrong this time, and what to do.</summary>
    public string Detail => Body["detail"].Text;

    /// <summary>What is wrong with one field; null for nothing.</summary>
    public string? ErrorOf(string field) => Ok ? null : Body["errors"].Items.FirstOrDefault(e => e["field"].Text == field) is { IsThere: true } error ? error["message"].Text : null;
}
