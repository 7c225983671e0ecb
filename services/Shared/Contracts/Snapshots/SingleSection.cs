using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;

namespace Gateway.Contracts.Snapshots;

/// <summary>A member with one value, which changes as a whole.</summary>
internal sealed class SingleSection<T> : SnapshotSection
    where T : class
{
    private readonly Func<GatewaySnapshot, T> _of;
    private readonly JsonTypeInfo<T> _type;
    private readonly SnapshotPart<T> _part;

    public SingleSection(string name, int number, JsonTypeInfo<T> type, Func<GatewaySnapshot, T> of, T value)
        : base(name, number)
    {
        _of = of;
        _type = type;
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        _part = new SnapshotPart<T>(name, value, json, SnapshotDigest.Of(number, json));
    }

    private SingleSection(SingleSection<T> before, T value, ReadOnlyMemory<byte> json)
        : base(before.Name, before.Number)
    {
        _of = before._of;
        _type = before._type;
        _part = new SnapshotPart<T>(Name, value, json, SnapshotDigest.Of(Number, json.Span));
    }

    public T Value => _part.Entry;

    public override SnapshotDigest Digest => _part.Digest;

    public override SnapshotSection Of(GatewaySnapshot snapshot)
    {
        var value = _of(snapshot);
        if (ReferenceEquals(value, _part.Entry))
        {
            return this;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(value, _type);
        return _part.Json.Span.SequenceEqual(json) ? this : new SingleSection<T>(this, value, json);
    }

    public override void Write(Utf8JsonWriter writer) => writer.WriteRawValue(_part.Json.Span, skipInputValidation: true);

    public override void WriteChanges(Utf8JsonWriter writer, SnapshotSection before) => Write(writer);

    public override SnapshotSection Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> document)
    {
        var json = Text(ref reader, document);
        return _part.Json.Span.SequenceEqual(json)
            ? this
            : new SingleSection<T>(this, JsonSerializer.Deserialize(json, _type) ?? throw new JsonException("Null is no value."), json.ToArray());
    }

    public override SnapshotSection ReadChanges(ref Utf8JsonReader reader, ReadOnlySpan<byte> document) => Read(ref reader, document);

}
