using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Governance.Secrets;

namespace Gateway.Governance.Reconciliation.Fetching;

/// <summary>A provider's cost API. Numbers are persisted: append only.</summary>
public enum CostApi
{
    /// <summary>Costs and usage of an organisation at OpenAI.</summary>
    OpenAI = 1,

    /// <summary>Cost and usage reports of an organisation at Anthropic.</summary>
    Anthropic = 2,
}

/// <summary>Where a provider's bill is fetched from, and how often.</summary>
public sealed record BillSourceEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The gateway's provider that the bill is of.</summary>
    public required string ProviderId { get; init; }

    /// <summary>Which of several bills of the provider; empty for the only one.</summary>
    public string Part { get; set; } = "";

    /// <summary>The cost API.</summary>
    public CostApi Api { get; set; } = CostApi.OpenAI;

    /// <summary>Another address than the provider's own, without the path.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>Where the admin key is kept. It is read for each fetch, kept nowhere and sent to no edge.</summary>
    public required SecretReference SecretRef { get; init; }

    /// <summary>False: it is fetched on request only. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Hours between two fetches, 1 to 168. Default 6.</summary>
    public int EveryHours { get; set; } = 6;

    /// <summary>How many of the last whole days are fetched each time, as providers complete a day late: 1 to 31. Default 5.</summary>
    public int Days { get; set; } = 5;

    /// <summary>True: results that cannot be read are left out and counted; false: then nothing is imported. Default false.</summary>
    public bool Partial { get; set; }

    /// <summary>The gateway's names of models by the bill's.</summary>
    public IReadOnlyDictionary<string, string> Models { get; set; } = new Dictionary<string, string>();

    /// <summary>Credentials by the bill's projects or workspaces.</summary>
    public IReadOnlyDictionary<string, string> Credentials { get; set; } = new Dictionary<string, string>();
}

/// <summary>What fetching came to.</summary>
public sealed record BillFetchView
{
    /// <summary>The bill source.</summary>
    public required string Source { get; init; }

    /// <summary>When it was fetched last; absent when it never was.</summary>
    public DateTimeOffset? FetchedAt { get; init; }

    /// <summary>Id of the last import; absent when there was none.</summary>
    public string? Import { get; init; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>Why the last one failed; absent when it did not.</summary>
    public string? Problem { get; init; }

    /// <summary>When it is fetched again; absent where it is fetched on request only.</summary>
    public DateTimeOffset? NextAt { get; init; }
}

/// <summary>All sources.</summary>
public sealed record BillFetchList
{
    /// <summary>In order of their ids.</summary>
    public required IReadOnlyList<BillFetchView> Items { get; init; }
}

/// <summary>Days to fetch.</summary>
public sealed record BillFetchRequest
{
    /// <summary>The first day; absent: as by schedule.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The first day after.</summary>
    public DateOnly? To { get; init; }
}

/// <summary>What a fetch on request came to.</summary>
public sealed record BillFetchResult
{
    /// <summary>The import; absent when there is none.</summary>
    public BillImportView? Import { get; init; }

    /// <summary>Why nothing was imported; absent when something was.</summary>
    public string? Problem { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BillSourceEntry))]
[JsonSerializable(typeof(BillFetchList))]
[JsonSerializable(typeof(BillFetchResult))]
internal sealed partial class BillSourceJson : JsonSerializerContext;
