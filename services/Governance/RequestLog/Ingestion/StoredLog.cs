using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.RequestLog;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;

namespace Gateway.Governance.RequestLog.Ingestion;

/// <summary>An entry on its way into the tables of its month.</summary>
internal sealed class StoredLog(string edge, RequestLogEntry entry)
{
    public RequestLogEntry Entry => entry;

    public long Place { get; set; }

    /// <summary>What was said, sealed; empty for nothing.</summary>
    public string Sealed { get; init; } = "";

    /// <summary>The hashes of its words, separated by spaces.</summary>
    public string Words { get; init; } = "";

    /// <summary>A month's entries.</summary>
    public static BulkTable<StoredLog> Details(string name) => new(
        name,
        ["id"],
        [
            .. Common,
            BulkColumn<StoredLog>.Of("edge_id", r => r.Edge),
            BulkColumn<StoredLog>.Of("request_id", r => UsageText.Clean(r.Entry.RequestId)),
            BulkColumn<StoredLog>.Of("detail", r => r.Detail),
        ],
        "NOTHING",
        r => r.Entry.Id);

    /// <summary>A month's bodies.</summary>
    public static BulkTable<StoredLog> Bodies(string name, bool withWords) => new(
        name,
        ["id"],
        [.. Common, BulkColumn<StoredLog>.Of("sealed", r => r.Sealed), .. withWords ? (BulkColumn<StoredLog>[])[BulkColumn<StoredLog>.Of("words", r => r.Words)] : []],
        "NOTHING",
        r => r.Entry.Id);

    private static IReadOnlyList<BulkColumn<StoredLog>> Common { get; } =
    [
        BulkColumn<StoredLog>.Of("place", r => r.Place),
        BulkColumn<StoredLog>.Of("id", r => r.Entry.Id),
        BulkColumn<StoredLog>.Of("key_id", r => UsageText.Clean(r.Entry.KeyId)),
        BulkColumn<StoredLog>.Of("team_id", r => UsageText.Clean(r.Entry.TeamId)),
        BulkColumn<StoredLog>.Of("customer_id", r => UsageText.Clean(r.Entry.CustomerId)),
        BulkColumn<StoredLog>.Of("end_user", r => UsageText.Clean(r.Entry.EndUser)),
    ];

    private string Edge { get; } = UsageText.Clean(edge);

    private string Detail => JsonSerializer.Serialize(
        entry with { Usage = null, Request = WithoutText(entry.Request), Answer = WithoutText(entry.Answer) },
        DetailJson.Stored.RequestLogEntry);

    private static LoggedBody? WithoutText(LoggedBody? body) => body is null ? null : body with { Text = "" };
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RequestLogEntry))]
internal sealed partial class DetailJson : JsonSerializerContext
{
    // The settings above once more: a context that is made by itself does not have them.
    public static DetailJson Stored { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    });
}
