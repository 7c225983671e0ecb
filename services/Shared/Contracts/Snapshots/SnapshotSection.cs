using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.Contracts.Snapshots;

/// <summary>One member of a snapshot: immutable. What is made from it reuses its entries wherever their text is the same.</summary>
internal abstract class SnapshotSection(string name, int number)
{
    /// <summary>The member's name.</summary>
    public string Name { get; } = name;

    /// <summary>Tells it from the others in the digest: append only.</summary>
    public int Number { get; } = number;

    public abstract SnapshotDigest Digest { get; }

    /// <summary>What a snapshot has.</summary>
    public abstract SnapshotSection Of(GatewaySnapshot snapshot);

    /// <summary>Writes all of it as the member's value.</summary>
    public abstract void Write(Utf8JsonWriter writer);

    /// <summary>Writes what makes this from <paramref name="before"/>, which is not the same.</summary>
    public abstract void WriteChanges(Utf8JsonWriter writer, SnapshotSection before);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public abstract SnapshotSection Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> document);

    /// <summary>Reads what <see cref="WriteChanges"/> wrote and applies it to this.</summary>
    public abstract SnapshotSection ReadChanges(ref Utf8JsonReader reader, ReadOnlySpan<byte> document);

    /// <summary>The text of the value that the reader stands on; afterwards it stands on its end.</summary>
    protected static ReadOnlySpan<byte> Text(ref Utf8JsonReader reader, ReadOnlySpan<byte> document)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return document[start..(int)reader.BytesConsumed];
    }

    protected static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (reader.TokenType != token)
        {
            throw new JsonException("Unexpected value.");
        }
    }
}
