using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.SemanticCache.Storing.Qdrant;

internal sealed record QdrantAnswer<T>
{
    public T? Result { get; init; }
}

internal sealed record QdrantCreate
{
    public required QdrantVectors Vectors { get; init; }

    public required QdrantHnsw HnswConfig { get; init; }

    public required QdrantQuantization QuantizationConfig { get; init; }

    public bool OnDiskPayload { get; init; } = true;
}

internal sealed record QdrantVectors
{
    public required int Size { get; init; }

    public required string Distance { get; init; }
}

/// <summary>No graph over all tenants, one for each instead.</summary>
internal sealed record QdrantHnsw
{
    public required int M { get; init; }

    public required int PayloadM { get; init; }
}

internal sealed record QdrantQuantization
{
    public required QdrantScalar Scalar { get; init; }
}

internal sealed record QdrantScalar
{
    public required string Type { get; init; }

    public required double Quantile { get; init; }

    public required bool AlwaysRam { get; init; }
}

internal sealed record QdrantIndex
{
    public required string FieldName { get; init; }

    public required QdrantSchema FieldSchema { get; init; }
}

internal sealed record QdrantSchema
{
    public required string Type { get; init; }

    public bool? IsTenant { get; init; }
}

internal sealed record QdrantUpsert
{
    public required IReadOnlyList<QdrantPoint> Points { get; init; }
}

internal sealed record QdrantPoint
{
    /// <summary>A UUID as the server writes it; numbers are of others.</summary>
    [JsonConverter(typeof(PointIdConverter))]
    public required string Id { get; init; }

    public float[]? Vector { get; init; }

    /// <summary>Null for a vector that is not finite.</summary>
    public double? Score { get; init; }

    public QdrantPayload? Payload { get; init; }
}

/// <summary>What filters see, and the entry itself as the codec wrote it.</summary>
internal sealed record QdrantPayload
{
    public string? Space { get; init; }

    public string? Partition { get; init; }

    public string? Scope { get; init; }

    public string? Key { get; init; }

    public string? Team { get; init; }

    public string? Customer { get; init; }

    public string? Route { get; init; }

    public string? Model { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public string? Answer { get; init; }

    public long StoredAt { get; init; }

    public long GoneAt { get; init; }

    public byte[]? Entry { get; init; }
}

internal sealed record QdrantFilter
{
    public required IReadOnlyList<QdrantCondition> Must { get; init; }
}

internal sealed record QdrantCondition
{
    public required string Key { get; init; }

    public QdrantMatch? Match { get; init; }

    public QdrantRange? Range { get; init; }
}

internal sealed record QdrantMatch
{
    public required string Value { get; init; }
}

internal sealed record QdrantRange
{
    public long? Gt { get; init; }

    public long? Lte { get; init; }
}

internal sealed record QdrantQuery
{
    public required float[] Query { get; init; }

    public required QdrantFilter Filter { get; init; }

    public required int Limit { get; init; }

    public bool WithPayload { get; init; }

    public bool WithVector { get; init; }
}

internal sealed record QdrantSearch
{
    public required float[] Vector { get; init; }

    public required QdrantFilter Filter { get; init; }

    public required int Limit { get; init; }

    public bool WithPayload { get; init; }

    public bool WithVector { get; init; }
}

internal sealed record QdrantRetrieve
{
    public required IReadOnlyList<string> Ids { get; init; }

    public bool WithPayload { get; init; }

    public bool WithVector { get; init; }
}

internal sealed record QdrantScroll
{
    public QdrantFilter? Filter { get; init; }

    public string? Offset { get; init; }

    public required int Limit { get; init; }

    public bool WithPayload { get; init; }

    public bool WithVector { get; init; }
}

internal sealed record QdrantCount
{
    public QdrantFilter? Filter { get; init; }

    public required bool Exact { get; init; }
}

internal sealed record QdrantDelete
{
    public required IReadOnlyList<string> Points { get; init; }
}

internal sealed record QdrantCounted
{
    public long Count { get; init; }
}

internal sealed record QdrantUpdate
{
    public string? Status { get; init; }
}

internal sealed record QdrantPoints
{
    public IReadOnlyList<QdrantPoint> Points { get; init; } = [];

    [JsonConverter(typeof(PointIdConverter))]
    public string? NextPageOffset { get; init; }
}

internal sealed record QdrantCollection
{
    public long? PointsCount { get; init; }

    public QdrantConfig? Config { get; init; }
}

internal sealed record QdrantConfig
{
    public QdrantParams? Params { get; init; }
}

internal sealed record QdrantParams
{
    public QdrantVectors? Vectors { get; init; }
}

/// <summary>Ids are numbers or UUIDs; numbers are kept as their digits.</summary>
internal sealed class PointIdConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.Number ? reader.GetUInt64().ToString(System.Globalization.CultureInfo.InvariantCulture) : reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QdrantCreate))]
[JsonSerializable(typeof(QdrantIndex))]
[JsonSerializable(typeof(QdrantUpsert))]
[JsonSerializable(typeof(QdrantQuery))]
[JsonSerializable(typeof(QdrantSearch))]
[JsonSerializable(typeof(QdrantRetrieve))]
[JsonSerializable(typeof(QdrantScroll))]
[JsonSerializable(typeof(QdrantCount))]
[JsonSerializable(typeof(QdrantDelete))]
[JsonSerializable(typeof(QdrantAnswer<bool>), TypeInfoPropertyName = "QdrantAnswerBoolean")]
[JsonSerializable(typeof(QdrantAnswer<QdrantUpdate>), TypeInfoPropertyName = "QdrantAnswerQdrantUpdate")]
[JsonSerializable(typeof(QdrantAnswer<QdrantPoints>), TypeInfoPropertyName = "QdrantAnswerQdrantPoints")]
[JsonSerializable(typeof(QdrantAnswer<List<QdrantPoint>>), TypeInfoPropertyName = "QdrantAnswerListQdrantPoint")]
[JsonSerializable(typeof(QdrantAnswer<QdrantCounted>), TypeInfoPropertyName = "QdrantAnswerQdrantCounted")]
[JsonSerializable(typeof(QdrantAnswer<QdrantCollection>), TypeInfoPropertyName = "QdrantAnswerQdrantCollection")]
internal sealed partial class QdrantJson : JsonSerializerContext;
