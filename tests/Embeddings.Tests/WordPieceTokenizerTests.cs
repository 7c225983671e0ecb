using System.Diagnostics;
using System.Text;
using Gateway.Embeddings.Tokenization;

namespace Gateway.Embeddings.Tests;

public sealed class WordPieceTokenizerTests(Model model) : IClassFixture<Model>
{
    private const int Unknown = 100;
    private const int Classify = 101;
    private const int Separator = 102;

    private WordPieceTokenizer Tokenizer => model.Generator.Tokenizer;

    [Theory]
    [InlineData("")]
    [InlineData(" \t\r\n\u00a0\u3000\u2028")]
    [InlineData("\0\a\u007f\u0085\u200b\ufeff\ufffd\ue000")]
    [InlineData("\u0301\u0308")]
    public void Text_without_words_is_only_the_frame(string text) =>
        Assert.Equal([Classify, Separator], Tokenizer.Tokenize(text));

    [Fact]
    public void Names_of_special_tokens_are_ordinary_text()
    {
        var tokens = Tokenizer.Tokenize("[CLS] [SEP] [MASK] [UNK] [PAD]");

        Assert.Equal(Classify, tokens[0]);
        Assert.Equal(Separator, tokens[^1]);
        Assert.DoesNotContain(Classify, tokens[1..^1]);
        Assert.DoesNotContain(Separator, tokens[1..^1]);
        Assert.DoesNotContain(0, tokens);
        Assert.Equal(Tokenizer.Tokenize("[ cls ] [ sep ] [ mask ] [ unk ] [ pad ]"), tokens);
    }

    [Theory]
    [InlineData("ÀÉÎÕÜ Ǖ Ệ Å", "aeiou u e a")]
    [InlineData("A\u0300E\u0301", "ae")]
    [InlineData("İstanbul", "istanbul")]
    [InlineData("Привет Й", "привет и")]
    [InlineData("Άλφα ΏΜΕΓΑ", "αλφα ωμεγα")]
    [InlineData("\u212a \u2126 \u212b", "k ω a")]
    [InlineData("日本", "日 本")]
    [InlineData("a日b", "a 日 b")]
    [InlineData("\uf900", "\u8c48")]
    [InlineData("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8")]
    [InlineData("a\u037eb", "a;b")]
    [InlineData("zero\u200bwidth\u00adhyphen", "zerowidthhyphen")]
    [InlineData("a+b=c~d", "a + b = c ~ d")]
    [InlineData("¿qué? «sí»", "¿ que ? « si »")]
    public void Texts_that_fold_to_the_same_have_the_same_tokens(string text, string folded) =>
        Assert.Equal(Tokenizer.Tokenize(folded), Tokenizer.Tokenize(text));

    [Fact]
    public void Lone_surrogates_are_left_out() =>
        Assert.Equal(Tokenizer.Tokenize("before after"), Tokenizer.Tokenize("be\ud83dfore \udc00af\udbffter\ud800"));

    [Fact]
    public void An_emoji_is_one_unknown_token_and_a_word_that_touches_it_belongs_to_it()
    {
        Assert.Equal([Classify, Unknown, Separator], Tokenizer.Tokenize("\U0001F600"));
        Assert.Equal([Classify, Unknown, Separator], Tokenizer.Tokenize("ok\U0001F600"));
        Assert.Equal([Classify, Unknown, Separator], Tokenizer.Tokenize("\U0001F469\u200d\U0001F469\u200d\U0001F467"));
    }

    [Fact]
    public void A_word_of_100_characters_has_pieces_and_one_of_101_is_unknown()
    {
        Assert.DoesNotContain(Unknown, Tokenizer.Tokenize(new string('a', 100)));
        Assert.Equal([Classify, Unknown, Separator], Tokenizer.Tokenize(new string('a', 101)));
        Assert.Equal([Classify, Unknown, Separator], Tokenizer.Tokenize(string.Concat(Enumerable.Repeat("\U0001F600", 101))));
    }

    [Fact]
    public void A_text_is_cut_at_the_limit_and_says_so()
    {
        Span<int> tokens = stackalloc int[6];

        Assert.Equal(new TokenizedText(6, false), Tokenizer.Tokenize("one two three four", tokens));
        Assert.Equal(new TokenizedText(6, false), Tokenizer.Tokenize("one two three four \0 \u200b", tokens));
        Assert.Equal(new TokenizedText(6, true), Tokenizer.Tokenize("one two three four five", tokens));
        Assert.Equal(Separator, tokens[5]);
        Assert.Equal(new TokenizedText(6, true), Tokenizer.Tokenize("one two three tokenizers", tokens));
        Assert.Equal(new TokenizedText(2, true), Tokenizer.Tokenize("one", tokens[..2]));
        Assert.Equal(new TokenizedText(2, false), Tokenizer.Tokenize("", tokens[..2]));
    }

    [Fact]
    public void Any_sequence_of_code_units_has_valid_tokens_within_the_limit()
    {
        var random = new Random(7);
        Span<int> tokens = stackalloc int[64];
        for (var round = 0; round < 3_000; round++)
        {
            // Half of the code units from everywhere, surrogates included, half from Latin.
            var text = string.Create(random.Next(120), random, (span, source) =>
            {
                foreach (ref var unit in span)
                {
                    unit = (char)source.Next(source.Next(2) == 0 ? 0x10000 : 0x180);
                }
            });

            var count = Tokenizer.Tokenize(text, tokens).Count;

            Assert.InRange(count, 2, tokens.Length);
            Assert.Equal(Classify, tokens[0]);
            Assert.Equal(Separator, tokens[count - 1]);
            foreach (var token in tokens[1..(count - 1)])
            {
                Assert.InRange(token, 0, Tokenizer.VocabularySize - 1);
                Assert.False(token is Classify or Separator or 0, text);
            }
        }
    }

    [Fact]
    public void A_buffer_without_room_for_the_frame_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Tokenizer.Tokenize("a", new int[1].AsSpan()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Tokenize("a", 1));
    }

    [Theory]
    [InlineData("word ")]
    [InlineData("x")]
    [InlineData("!")]
    [InlineData("\u200b")]
    [InlineData("\u0301")]
    [InlineData("日")]
    [InlineData("qzx\u0416")]
    [InlineData("\ud800")]
    public void Time_is_linear_in_the_length_of_the_text(string unit)
    {
        var small = Repeat(unit, 1 << 16);
        var large = Repeat(unit, 1 << 20);
        _ = Tokenizer.Tokenize(small, int.MaxValue);

        var quick = Fastest(small);
        var slow = Fastest(large);

        // 16 times the text; a quadratic algorithm would take 256 times as long.
        Assert.True(slow < TimeSpan.FromMilliseconds(50) || slow < 100 * quick, $"{quick} for 64 Ki, {slow} for 1 Mi characters");
    }

    [Fact]
    public void A_vocabulary_without_its_special_pieces_or_with_a_repeated_piece_is_refused()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "[UNK]\n[CLS]\na\n");
            Assert.Contains("[SEP]", Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Load(path)).Message, StringComparison.Ordinal);

            File.WriteAllText(path, "[UNK]\n[CLS]\n[SEP]\na\na\n");
            Assert.Contains("Line 5", Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Load(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Repeat(string unit, int length) =>
        new StringBuilder(length).Insert(0, unit, length / unit.Length).ToString();

    private TimeSpan Fastest(string text) =>
        Enumerable.Range(0, 3).Min(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            Tokenizer.Tokenize(text, int.MaxValue);
            return Stopwatch.GetElapsedTime(start);
        });
}
