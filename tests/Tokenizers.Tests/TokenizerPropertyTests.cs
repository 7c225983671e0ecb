using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace Gateway.Tokenizers.Tests;

public sealed class TokenizerPropertyTests
{
    private const string Contractions = "('s|'S|'t|'T|'re|'rE|'Re|'RE|'ve|'vE|'Ve|'VE|'m|'M|'ll|'lL|'Ll|'LL|'d|'D)";

    // The patterns as published, by an engine that backtracks: what the splitter has to agree with.
    private static readonly Regex _o200k = new($@"[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}]*[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}]+{Contractions}?|[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}]+[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}]*{Contractions}?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant);

    private static readonly Regex _cl100k = new($@"{Contractions}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant);

    // Characters that the patterns tell apart, so that short texts meet every alternative.
    private static readonly string[] _alphabet = ["a", "s", "t", "l", "A", "S", "Z", "é", "É", "ǅ", "ʰ", "中", "の", "\u0301", "\u0903", "1", "2", "٣", "Ⅷ", " ", " ", "\t", "\u00a0", "\u3000", "\r", "\n", "\n", "'", "'", "!", "/", ".", "€", "_", "ll", "re", "don't", "HTTPServer"];

    public static TheoryData<BpeEncoding> Encodings => [BpeEncoding.O200kBase, BpeEncoding.Cl100kBase];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_text_is_split_as_the_published_pattern_splits_it(BpeEncoding encoding)
    {
        var pattern = encoding == BpeEncoding.O200kBase ? _o200k : _cl100k;
        Prop.ForAll(Texts().ToArbitrary(), text =>
        {
            var pieces = new List<string>();
            for (ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text); !rest.IsEmpty;)
            {
                var length = TextSplitter.Next(encoding, rest);
                pieces.Add(Encoding.UTF8.GetString(rest[..length]));
                rest = rest[length..];
            }

            return pieces.SequenceEqual(pattern.Matches(text).Select(static m => m.Value));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Tokens_are_the_bytes_of_the_text_whatever_they_are(BpeEncoding encoding)
    {
        var tokenizer = BpeTokenizer.Load(encoding);
        Prop.ForAll(ArbMap.Default.GeneratorFor<byte[]>().ToArbitrary(), bytes =>
        {
            var ids = tokenizer.Encode(bytes);
            var back = ids.SelectMany(id => tokenizer.Decode(id).ToArray());
            return back.SequenceEqual(bytes) && tokenizer.Count(bytes) == ids.Count && ids.Count <= bytes.Length;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Parts_of_a_text_have_at_least_as_many_tokens_as_the_whole_within_the_piece_at_the_cut(BpeEncoding encoding)
    {
        var tokenizer = BpeTokenizer.Load(encoding);
        Prop.ForAll(Texts().ToArbitrary(), Texts().ToArbitrary(), (a, b) =>
        {
            var (left, right) = (Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));
            var whole = tokenizer.Count([.. left, .. right]);
            var parts = tokenizer.Count(left) + tokenizer.Count(right);

            // What is joined at the cut may be one token; how much else changes is bounded by the bytes about it.
            return whole <= parts + 8 && parts <= whole + 16;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Long_pieces_are_merged_as_short_ones_are(BpeEncoding encoding)
    {
        var tokenizer = BpeTokenizer.Load(encoding);
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            // Letters only: one piece, on both sides of the length from which on a heap is kept.
            var text = new byte[random.Next(60, 400)];
            for (var at = 0; at < text.Length; at++)
            {
                text[at] = (byte)"etaoinshrdlu"[random.Next(12)];
            }

            Assert.Equal(Naive(tokenizer, text), tokenizer.Count(text));
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_megabyte_of_one_character_is_counted(BpeEncoding encoding)
    {
        var tokenizer = BpeTokenizer.Load(encoding);
        foreach (var character in " a\n!9/A")
        {
            var text = new byte[1 << 20];
            Array.Fill(text, (byte)character);
            Assert.InRange(tokenizer.Count(text), 1 << 13, 1 << 20);
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Counting_allocates_nothing(BpeEncoding encoding)
    {
        var tokenizer = BpeTokenizer.Load(encoding);
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Reset my password, s'il vous plaît: 12345 パスワード " + new string('x', 300), 20)));
        tokenizer.Count(text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Count(text);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Gen<string> Texts() => Gen.Elements(_alphabet).ArrayOf().Select(static parts => string.Concat(parts));

    private static int Naive(BpeTokenizer tokenizer, byte[] text)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        var parts = text.Select(static b => ((char)b).ToString()).ToList();
        while (true)
        {
            var (at, lowest) = (-1, int.MaxValue);
            for (var i = 0; i + 1 < parts.Count; i++)
            {
                var pair = parts[i] + parts[i + 1];
                if (!ranks.TryGetValue(pair, out var rank))
                {
                    ranks[pair] = rank = tokenizer.Encode(Encoding.Latin1.GetBytes(pair)) is [var only] ? only : int.MaxValue;
                }

                if (rank < lowest)
                {
                    (at, lowest) = (i, rank);
                }
            }

            if (at < 0)
            {
                return parts.Count;
            }

            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }
    }
}
