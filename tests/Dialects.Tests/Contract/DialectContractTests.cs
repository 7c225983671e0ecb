using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Contract;

/// <summary>What every dialect must hold, whatever it looks like on the wire. A dialect's tests derive from it and say what the dialect can express.</summary>
/// <typeparam name="TDialect">The dialect.</typeparam>
public abstract class DialectContractTests<TDialect>
    where TDialect : IChatDialect
{
    private const int Cases = 300;

    /// <summary>The dialect.</summary>
    protected abstract TDialect Dialect { get; }

    /// <summary>What it can express in requests.</summary>
    protected abstract DialectFeatures RequestFeatures { get; }

    /// <summary>What it can express in answers.</summary>
    protected abstract DialectFeatures AnswerFeatures { get; }

    /// <summary>What it can express in streams; by default the same as in answers.</summary>
    protected virtual DialectFeatures StreamFeatures => AnswerFeatures;

    /// <summary>Kinds of errors that come back as themselves from the dialect's own error form.</summary>
    protected virtual IReadOnlyList<ChatErrorKind> ToldErrorKinds =>
        [ChatErrorKind.InvalidRequest, ChatErrorKind.Authentication, ChatErrorKind.Permission, ChatErrorKind.NotFound, ChatErrorKind.RateLimit, ChatErrorKind.Api];

    /// <summary>Where requests go.</summary>
    protected virtual RequestTarget Target => new() { Model = "model", Provider = "", MaxOutputTokens = 1000 };

    /// <summary>What the address of a request says.</summary>
    protected virtual RequestLocation Location => default;

    /// <summary>Names of answers.</summary>
    protected virtual AnswerContext Context => new() { Id = "0123456789", Model = "model", Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), IncludeUsage = true };

    /// <summary>Takes the stream that the writer made apart; by default server-sent events.</summary>
    protected virtual List<WireEvent> Frames(ReadOnlyMemory<byte> stream, Random random, int maxPiece) => SseWire.Read(stream, random, maxPiece);

    /// <summary>Brings an expected request into the form in which the dialect gives it back, where it has only one.</summary>
    protected virtual ChatRequest Expected(ChatRequest request) => request;

    /// <summary>Brings an expected answer into the form in which the dialect gives it back, where it has only one.</summary>
    protected virtual ChatAnswer Expected(ChatAnswer answer, bool streamed) => answer;

    [Fact]
    public void Requests_come_back_as_they_were_written() => ForEachSeed(seed =>
    {
        var body = Write(RandomRequest(seed), out var drops);
        Assert.Empty(drops.Names);
        Assert.Null(Dialect.ReadRequest(body, Location, out var read));
        Assert.Equal(NeutralText.Of(Expected(RandomRequest(seed)), RequestFeatures), NeutralText.Of(read, RequestFeatures));
    });

    [Fact]
    public void Answers_come_back_as_they_were_written() => ForEachSeed(seed =>
    {
        var body = WriteAnswer(RandomAnswer(seed, AnswerFeatures));
        Assert.True(Dialect.TryReadAnswer(body, out var read));
        Assert.Equal(NeutralText.Of(Expected(RandomAnswer(seed, AnswerFeatures), streamed: false), AnswerFeatures), NeutralText.Of(read, AnswerFeatures));
    });

    [Fact]
    public void Streams_come_back_as_they_were_written_however_they_are_cut() => ForEachSeed(seed =>
    {
        var random = new Random(seed);
        var stream = WriteStream(RandomAnswer(seed, StreamFeatures), random.Next(1, 12));
        var (answer, whole) = ReadStream(Frames(stream, random, random.Next(1, 200)));
        Assert.True(whole);
        Assert.Equal(NeutralText.Of(Expected(RandomAnswer(seed, StreamFeatures), streamed: true), StreamFeatures), NeutralText.Of(answer, StreamFeatures));
    });

    [Fact]
    public void Events_of_a_stream_keep_their_order() => ForEachSeed(seed =>
    {
        var events = new List<ChatEvent>();
        var reader = Dialect.CreateStreamReader();
        foreach (var wire in Frames(WriteStream(RandomAnswer(seed, StreamFeatures), 5), new Random(seed), 1000))
        {
            Assert.True(reader.Read(wire.Name, wire.Payload, events));
        }

        reader.Complete(events);
        EventOrder.Check(events);
    });

    [Fact]
    public void A_stream_that_ends_early_is_never_whole() => ForEachSeed(seed =>
    {
        var answer = RandomAnswer(seed, StreamFeatures);
        var output = new ArrayBufferWriter<byte>();
        var writer = Dialect.CreateStreamWriter(Context);
        var events = AnswerPlayer.Play(answer, 3).TakeWhile(static e => e.Kind != ChatEventKind.Finish).ToList();
        events.ForEach(e => writer.Write(e, output));
        var random = new Random(seed);
        Assert.False(ReadStream(Frames(output.WrittenMemory, random, 500)).Whole);

        writer.WriteError(Error(ChatErrorKind.Api), output);
        Assert.False(ReadStream(Frames(output.WrittenMemory, random, 500)).Whole);
    });

    [Fact]
    public void Errors_come_back_with_their_words_and_kind()
    {
        foreach (var kind in Enum.GetValues<ChatErrorKind>())
        {
            var error = Error(kind);
            var output = new ArrayBufferWriter<byte>();
            Dialect.WriteError(error, output);
            var read = Dialect.ReadError(error.Status, output.WrittenMemory);
            Assert.Equal(error.Status, read.Status);
            Assert.Contains(error.Message, read.Message, StringComparison.Ordinal);
            if (ToldErrorKinds.Contains(kind))
            {
                Assert.Equal(kind, read.Kind);
            }
        }
    }

    [Fact]
    public void Nothing_that_is_damaged_makes_a_reader_throw() => ForEachSeed(seed =>
    {
        var random = new Random(seed);
        Func<byte[], Random, byte[]> damage = seed % 2 == 0 ? JsonMutator.Bytes : JsonMutator.Value;
        var request = Write(RandomRequest(seed), out _);
        var answer = WriteAnswer(RandomAnswer(seed, AnswerFeatures));
        var frames = Frames(WriteStream(RandomAnswer(seed, StreamFeatures), 20), random, 1000);
        for (var i = 0; i < 20; i++)
        {
            TryEverything(damage(request, random));
            TryEverything(damage(answer, random));
            TryStream([.. frames.Select(f => random.Next(3) == 0 && f.Payload[0] == (byte)'{' ? f with { Payload = damage(f.Payload, random) } : f)]);
        }
    }, cases: 40);

    [Fact]
    public void Deep_nesting_is_refused_and_harms_nothing()
    {
        foreach (var (open, close) in new[] { ("[", "]"), ("{\"a\":", "}") })
        {
            var deep = string.Concat(Enumerable.Repeat(open, 20_000)) + "1" + string.Concat(Enumerable.Repeat(close, 20_000));
            TryEverything(Encoding.UTF8.GetBytes(deep));
            TryStream([new WireEvent([], Encoding.UTF8.GetBytes(deep))]);
        }

        Assert.NotNull(Dialect.ReadRequest(Encoding.UTF8.GetBytes(new string('[', 100_000)), Location, out _));
        Assert.False(Dialect.TryReadAnswer(Encoding.UTF8.GetBytes(new string('[', 100_000)), out _));
    }

    [Fact]
    public void Halves_of_surrogate_pairs_and_bytes_that_are_no_text_harm_nothing() => ForEachSeed(seed =>
    {
        foreach (var body in new[] { Write(RandomRequest(seed), out _), WriteAnswer(RandomAnswer(seed, AnswerFeatures)) })
        {
            var text = Encoding.UTF8.GetString(body);
            TryEverything(Encoding.UTF8.GetBytes(text.Replace("w", "w\\ud83d", StringComparison.Ordinal)));
            TryEverything(Encoding.UTF8.GetBytes(text.Replace("hello", "\\udc00", StringComparison.Ordinal)));
            var raw = body.ToArray();
            raw.AsSpan().Replace((byte)'w', (byte)0xFF);
            TryEverything(raw);
        }

        var answer = new ChatAnswer { Origin = Dialect.Id, Id = "x", Model = "m" };
        var choice = new ChatChoice();
        choice.Parts.Add(new TextPart("a\ud83d b \udc00"));
        answer.Choices.Add(choice);
        AssertJson(WriteAnswer(answer));
        WriteStream(answer, 1);
    }, cases: 20);

    private void TryEverything(byte[] body)
    {
        if (Dialect.ReadRequest(body, Location, out var request) is null)
        {
            var output = new ArrayBufferWriter<byte>();
            if (Dialect.WriteRequest(request, Target, output, new DropList()) is null)
            {
                AssertJson(output.WrittenSpan);
            }
        }

        if (Dialect.TryReadAnswer(body, out var answer))
        {
            AssertJson(WriteAnswer(answer));
        }

        foreach (var status in new[] { 400, 429, 500 })
        {
            var error = Dialect.ReadError(status, body);
            Assert.False(string.IsNullOrEmpty(error.Message));
            var output = new ArrayBufferWriter<byte>();
            Dialect.WriteError(error, output);
            AssertJson(output.WrittenSpan);
        }
    }

    private void TryStream(List<WireEvent> frames)
    {
        var events = new List<ChatEvent>();
        var reader = Dialect.CreateStreamReader();
        foreach (var frame in frames)
        {
            reader.Read(frame.Name, frame.Payload, events);
        }

        reader.Complete(events);
        var output = new ArrayBufferWriter<byte>();
        var writer = Dialect.CreateStreamWriter(Context);
        var assembler = new AnswerAssembler(Dialect.Id);
        foreach (var e in events)
        {
            writer.Write(e, output);
            assembler.Add(e);
        }

        assembler.Build();
        EventOrder.Check(events);
    }

    private static void AssertJson(ReadOnlySpan<byte> body)
    {
        using var json = JsonDocument.Parse(body.ToArray(), new JsonDocumentOptions { MaxDepth = 256 });
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
    }

    private ChatRequest RandomRequest(int seed) => new RandomChat(seed, Dialect.Id, RequestFeatures).Request();

    private ChatAnswer RandomAnswer(int seed, DialectFeatures features) => new RandomChat(seed, Dialect.Id, features).Answer();

    private byte[] Write(ChatRequest request, out DropList drops)
    {
        var output = new ArrayBufferWriter<byte>();
        drops = new DropList();
        Assert.Null(Dialect.WriteRequest(request, Target, output, drops));
        return output.WrittenSpan.ToArray();
    }

    private byte[] WriteAnswer(ChatAnswer answer)
    {
        var output = new ArrayBufferWriter<byte>();
        Dialect.WriteAnswer(answer, Context, output);
        return output.WrittenSpan.ToArray();
    }

    private ReadOnlyMemory<byte> WriteStream(ChatAnswer answer, int maxDelta)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = Dialect.CreateStreamWriter(Context);
        foreach (var e in AnswerPlayer.Play(answer, maxDelta))
        {
            writer.Write(e, output);
        }

        return output.WrittenMemory;
    }

    private (ChatAnswer Answer, bool Whole) ReadStream(List<WireEvent> frames)
    {
        var events = new List<ChatEvent>();
        var reader = Dialect.CreateStreamReader();
        foreach (var frame in frames)
        {
            Assert.True(reader.Read(frame.Name, frame.Payload, events));
        }

        var whole = reader.Complete(events);
        var assembler = new AnswerAssembler(Dialect.Id);
        events.ForEach(e => assembler.Add(e));
        Assert.Equal(whole, assembler.IsComplete);
        return (assembler.Build(), whole);
    }

    private static ChatError Error(ChatErrorKind kind) => new()
    {
        Kind = kind, Message = "Something is wrong with it.",
        Status = kind switch
        {
            ChatErrorKind.Authentication => 401, ChatErrorKind.Permission => 403, ChatErrorKind.NotFound => 404, ChatErrorKind.TooLarge => 413,
            ChatErrorKind.RateLimit => 429, ChatErrorKind.Quota => 402, ChatErrorKind.Overloaded => 529, ChatErrorKind.Timeout => 504, ChatErrorKind.Api => 500, _ => 400,
        },
    };

    private static void ForEachSeed(Action<int> check, int cases = Cases)
    {
        for (var seed = 0; seed < cases; seed++)
        {
            try
            {
                check(seed);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
            }
        }
    }
}
