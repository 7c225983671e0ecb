using System.Reflection;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>
/// English words by what they mean, about twenty thousand in some hundreds of groups, and the groups in some dozens of fields: what was learnt of one word holds for those beside it. Made by the training
/// program from the vectors of the built-in encoder.
/// </summary>
internal sealed class WordGroups
{
    /// <summary>What a file of groups begins with.</summary>
    public const uint Magic = 0x31475747;

    private const string Resource = "Gateway.Guardrails.Engine.Injection.WordGroups.bin";
    private readonly uint[] _keys;
    private readonly ushort[] _groups;
    private readonly byte[] _fields;
    private readonly int _shift;

    private WordGroups(ReadOnlySpan<(uint Word, ushort Group)> words, byte[] fields)
    {
        _fields = fields;
        var bits = Math.Max(4, 33 - System.Numerics.BitOperations.LeadingZeroCount((uint)Math.Max(1, words.Length)));
        _keys = new uint[1 << bits];
        _groups = new ushort[1 << bits];
        _shift = 32 - bits;
        foreach (var (word, group) in words)
        {
            var slot = Slot(word);
            while (_keys[slot] != 0)
            {
                slot = (slot + 1) & (_keys.Length - 1);
            }

            (_keys[slot], _groups[slot]) = (word, group);
        }
    }

    /// <summary>The groups of this release, read once.</summary>
    public static WordGroups Default { get; } = Load();

    /// <summary>The group of a word, from 1 on; 0 for a word that has none.</summary>
    /// <param name="word">The word's hash, as <see cref="SentenceFacts"/> makes it.</param>
    public int Of(uint word)
    {
        for (var slot = Slot(word); ; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == word)
            {
                return _groups[slot];
            }

            if (_keys[slot] == 0)
            {
                return 0;
            }
        }
    }

    /// <summary>The field that a group belongs to.</summary>
    /// <param name="group">The group.</param>
    public int FieldOf(int group) => _fields[group];

    /// <summary>Writes groups: the field of each, then the words.</summary>
    public static void Write(Stream stream, IReadOnlyList<(uint Word, ushort Group)> words, IReadOnlyList<byte> fields)
    {
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(fields.Count);
        foreach (var field in fields)
        {
            writer.Write(field);
        }

        writer.Write(words.Count);
        foreach (var (word, group) in words)
        {
            writer.Write(word);
            writer.Write(group);
        }
    }

    private int Slot(uint word) => (int)((word * 0x9E3779B1u) >> _shift);

    private static WordGroups Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        using var reader = new BinaryReader(stream);
        if (reader.ReadUInt32() != Magic)
        {
            throw new InvalidDataException("These are not groups of words.");
        }

        var fields = reader.ReadBytes(reader.ReadInt32());
        var words = new (uint, ushort)[reader.ReadInt32()];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = (reader.ReadUInt32(), reader.ReadUInt16());
        }

        return new WordGroups(words, fields);
    }
}
