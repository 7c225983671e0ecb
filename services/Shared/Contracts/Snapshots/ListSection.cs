using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;

namespace Gateway.Contracts.Snapshots;

/// <summary>What a kind of entries is.</summary>
internal sealed record EntryKind<T>(string Name, int Number, JsonTypeInfo<T> Type, Func<T, string> Id, Func<GatewaySnapshot, IReadOnlyList<T>> Of);

/// <summary>A member with many entries, in ascending order of their ids.</summary>
internal sealed class ListSection<T> : SnapshotSection
    where T : class
{
    private static readonly Comparer<SnapshotPart<T>> _byId = Comparer<SnapshotPart<T>>.Create(static (a, b) => string.CompareOrdinal(a.Id, b.Id));

    private readonly EntryKind<T> _kind;
    private readonly SnapshotPart<T>[] _parts;
    private readonly T[] _entries;

    public ListSection(EntryKind<T> kind)
        : this(kind, [], default)
    {
    }

    private ListSection(EntryKind<T> kind, SnapshotPart<T>[] parts, SnapshotDigest digest)
        : base(kind.Name, kind.Number)
    {
        _kind = kind;
        _parts = parts;
        _entries = Array.ConvertAll(parts, static p => p.Entry);
        Digest = digest;
    }

    public override SnapshotDigest Digest { get; }

    public IReadOnlyList<T> Entries => _entries;

    public override SnapshotSection Of(GatewaySnapshot snapshot)
    {
        var entries = _kind.Of(snapshot);
        if (ReferenceEquals(entries, _entries))
        {
            return this;
        }

        var parts = new SnapshotPart<T>[entries.Count];
        var at = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            // Nearly all are the ones of before, in the same order.
            var entry = entries[i];
            if (at < _parts.Length && ReferenceEquals(_parts[at].Entry, entry))
            {
                parts[i] = _parts[at++];
                continue;
            }

            var id = _kind.Id(entry);
            var known = Find(id);
            at = known < 0 ? ~known : known + 1;
            parts[i] = known >= 0 && ReferenceEquals(_parts[known].Entry, entry) ? _parts[known] : Part(id, entry, known);
        }

        return With(parts);
    }

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var part in _parts)
        {
            writer.WriteRawValue(part.Json.Span, skipInputValidation: true);
        }

        writer.WriteEndArray();
    }

    public override void WriteChanges(Utf8JsonWriter writer, SnapshotSection before)
    {
        var others = ((ListSection<T>)before)._parts;
        var removed = new List<string>();
        writer.WriteStartObject();
        writer.WriteStartArray("changed");
        var at = 0;
        foreach (var part in _parts)
        {
            while (at < others.Length && !ReferenceEquals(others[at], part) && string.CompareOrdinal(others[at].Id, part.Id) < 0)
            {
                removed.Add(others[at++].Id);
            }

            var isThere = at < others.Length && (ReferenceEquals(others[at], part) || others[at].Id == part.Id);
            if (!isThere || others[at].Digest != part.Digest)
            {
                writer.WriteRawValue(part.Json.Span, skipInputValidation: true);
            }

            at += isThere ? 1 : 0;
        }

        removed.AddRange(others.AsSpan(at).ToArray().Select(static p => p.Id));
        writer.WriteEndArray();
        writer.WriteStartArray("removed");
        foreach (var id in removed)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public override SnapshotSection Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> document)
    {
        var known = new Dictionary<SnapshotDigest, SnapshotPart<T>>(_parts.Length);
        foreach (var part in _parts)
        {
            known.TryAdd(part.Digest, part);
        }

        return With([.. Parts(ref reader, document, known)]);
    }

    public override SnapshotSection ReadChanges(ref Utf8JsonReader reader, ReadOnlySpan<byte> document)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        List<SnapshotPart<T>> changed = [];
        var gone = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isChanged = reader.ValueTextEquals("changed"u8);
            var isRemoved = reader.ValueTextEquals("removed"u8);
            reader.Read();
            if (isChanged)
            {
                changed = Parts(ref reader, document, []);
            }
            else if (isRemoved)
            {
                Expect(ref reader, JsonTokenType.StartArray);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Expect(ref reader, JsonTokenType.String);
                    gone.Add(reader.GetString()!);
                }
            }
            else
            {
                reader.Skip();
            }
        }

        gone.UnionWith(changed.Select(static p => p.Id));
        return With([.. _parts.Where(p => !gone.Contains(p.Id)), .. changed]);
    }

    private List<SnapshotPart<T>> Parts(ref Utf8JsonReader reader, ReadOnlySpan<byte> document, Dictionary<SnapshotDigest, SnapshotPart<T>> known)
    {
        Expect(ref reader, JsonTokenType.StartArray);
        var parts = new List<SnapshotPart<T>>(known.Count);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var json = Text(ref reader, document);
            var digest = SnapshotDigest.Of(Number, json);
            if (!known.TryGetValue(digest, out var part))
            {
                // A copy, so that one entry does not keep a whole document in memory.
                var entry = JsonSerializer.Deserialize(json, _kind.Type) ?? throw new JsonException("Null is no entry.");
                part = new SnapshotPart<T>(_kind.Id(entry), entry, json.ToArray(), digest);
            }

            parts.Add(part);
        }

        return parts;
    }

    private SnapshotPart<T> Part(string id, T entry, int known)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, _kind.Type);
        return known >= 0 && _parts[known].Json.Span.SequenceEqual(json) ? _parts[known] : new SnapshotPart<T>(id, entry, json, SnapshotDigest.Of(Number, json));
    }

    private ListSection<T> With(SnapshotPart<T>[] parts)
    {
        for (var i = 1; i < parts.Length; i++)
        {
            if (_byId.Compare(parts[i - 1], parts[i]) > 0)
            {
                parts = [.. parts.Order(_byId)];
                break;
            }
        }

        var digest = default(SnapshotDigest);
        var isSame = parts.Length == _parts.Length;
        for (var i = 0; i < parts.Length; i++)
        {
            digest = digest.Plus(parts[i].Digest);
            isSame = isSame && ReferenceEquals(parts[i], _parts[i]);
        }

        return isSame ? this : new ListSection<T>(_kind, parts, digest);
    }

    private int Find(string id)
    {
        var (low, high) = (0, _parts.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(_parts[middle].Id, id);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
