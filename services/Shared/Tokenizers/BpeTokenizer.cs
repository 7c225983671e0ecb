namespace Gateway.Tokenizers;

/// <summary>Counts the tokens of a text exactly as OpenAI's models do. Special tokens in a text are taken for the text they are. Safe for use by many threads.</summary>
public sealed class BpeTokenizer
{
    private static readonly Slot _cl100k = new(BpeEncoding.Cl100kBase, "cl100k_base");
    private static readonly Slot _o200k = new(BpeEncoding.O200kBase, "o200k_base");

    private readonly BpeRanks _ranks;

    private BpeTokenizer(BpeEncoding encoding, BpeRanks ranks) => (Encoding, _ranks) = (encoding, ranks);

    /// <summary>The encoding.</summary>
    public BpeEncoding Encoding { get; }

    /// <summary>The tokenizer of an encoding if it is loaded; else null, and it is loaded in the background.</summary>
    public static BpeTokenizer? TryGet(BpeEncoding encoding) => SlotOf(encoding)?.TryGet();

    /// <summary>The tokenizer of an encoding, loaded by the caller's thread if need be: some 50 ms.</summary>
    public static BpeTokenizer Load(BpeEncoding encoding) => (SlotOf(encoding) ?? throw new ArgumentOutOfRangeException(nameof(encoding))).Load();

    /// <summary>The number of tokens of a text. Bytes that are no UTF-8 count as what they are.</summary>
    public int Count(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (!text.IsEmpty)
        {
            var length = TextSplitter.Next(Encoding, text);
            count += PairMerger.Merge(_ranks, text[..length], null);
            text = text[length..];
        }

        return count;
    }

    /// <summary>The tokens of a text.</summary>
    public IReadOnlyList<int> Encode(ReadOnlySpan<byte> text)
    {
        var ids = new List<int>();
        while (!text.IsEmpty)
        {
            var length = TextSplitter.Next(Encoding, text);
            PairMerger.Merge(_ranks, text[..length], ids);
            text = text[length..];
        }

        return ids;
    }

    /// <summary>The bytes that a token stands for.</summary>
    public ReadOnlySpan<byte> Decode(int id) => _ranks.Token(id);

    private static Slot? SlotOf(BpeEncoding encoding) => encoding switch
    {
        BpeEncoding.Cl100kBase => _cl100k,
        BpeEncoding.O200kBase => _o200k,
        _ => null,
    };

    private sealed class Slot(BpeEncoding encoding, string name)
    {
        private readonly Lock _lock = new();
        private volatile BpeTokenizer? _loaded;
        private int _asked;

        public BpeTokenizer? TryGet()
        {
            if (_loaded is null && Interlocked.Exchange(ref _asked, 1) == 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static slot => slot.Load(), this, preferLocal: false);
            }

            return _loaded;
        }

        public BpeTokenizer Load()
        {
            lock (_lock)
            {
                return _loaded ??= new BpeTokenizer(encoding, BpeRanks.Load(name));
            }
        }
    }
}
