using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gateway.Recordings;
using Gateway.Tokenizers;

// How far counted and estimated prompts are from what providers counted, and what either costs. Prints what benchmarks/results/estimates.txt has.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var o200k = BpeTokenizer.Load(BpeEncoding.O200kBase);
var cl100k = BpeTokenizer.Load(BpeEncoding.Cl100kBase);
if (!Corpus.IsPresent)
{
    Console.WriteLine("The recordings are not on this machine.");
    return 1;
}

var prompts = RecordedPrompt.All();
Console.WriteLine($"{prompts.Count} recorded chats with text prompts and the provider's own count, {prompts.Sum(static p => p.Body.Length) / 1024} KB of bodies");
Console.WriteLine();
Console.WriteLine($"{"family",-12}{"how",-10}{"n",5}{"mean x",9}{"err mean",10}{"err p95",9}{"under",8}{"worst",8}");
foreach (var group in prompts.GroupBy(static p => FamilyOf(p)).OrderBy(static g => g.Key, StringComparer.Ordinal))
{
    var encoding = ModelEncodings.Of(group.First().Model);
    if (encoding != BpeEncoding.None)
    {
        Row(group, "counted", static p => JsonPrompt.Count(BpeTokenizer.Load(ModelEncodings.Of(p.Model)), p.Body.Span) ?? Bytes(p));
    }

    Row(group, "estimate", static p => ByteClasses.Estimate(p.Body.Span));
    Calibrated(group);
    Row(group, "bytes", static p => p.Body.Length);
    Row(group, "hidden", static p => Bytes(p));
}

Console.WriteLine();
Console.WriteLine("mean x: mean of the bound over the truth; err: of the truth, absolute; under: share of prompts that are larger than the bound; worst: least bound over the truth.");
Console.WriteLine("bytes: the body's length; hidden: the same with what providers add for tools, which is the first bound of every prompt; counted: by the model's encoding, or that bound where tools are the provider's.");
Console.WriteLine("calibrated: the estimate times what 99 of 100 of the prompts before needed, a tenth on top, each family by itself, from its 50th prompt on.");
Console.WriteLine();
Console.WriteLine($"{"text",-22}{"KB",8}{"o200k ns/KB",13}{"cl100k ns/KB",14}{"estimate ns/KB",16}");
Cost("recorded bodies", [.. prompts.Select(static p => p.Body)]);
Cost("English, 1 KB", [Text("The quick brown fox jumps over the lazy dog while it rains in Spain. ", 1)]);
Cost("English, 64 KB", [Text("The quick brown fox jumps over the lazy dog while it rains in Spain. ", 64)]);
Cost("Chinese, 64 KB", [Text("床前明月光疑是地上霜舉頭望明月低頭思故鄉。", 64)]);
Cost("code, 64 KB", [Text("    if (value is null)\n    {\n        return Failure.Of(error_code, 42);\n    }\n\n", 64)]);
Cost("one letter, 1 MB", [Text("a", 1024)]);
Cost("spaces, 1 MB", [Text(" ", 1024)]);
return 0;

static long Bytes(RecordedPrompt p) => p.Body.Length + HiddenPrompt.OfModel(p.Model, p.Envelope.HasTools) + HiddenPrompt.OfTools(p.Envelope.BuiltInTools, p.Envelope.HostedTools);

static string FamilyOf(RecordedPrompt prompt)
{
    var encoding = ModelEncodings.Of(prompt.Model);
    return encoding == BpeEncoding.O200kBase ? "o200k" : encoding == BpeEncoding.Cl100kBase ? "cl100k"
        : prompt.Model.Contains("claude", StringComparison.OrdinalIgnoreCase) ? "claude"
        : prompt.Model.Contains("gemini", StringComparison.OrdinalIgnoreCase) ? "gemini" : "other";
}

static void Row(IEnumerable<RecordedPrompt> prompts, string how, Func<RecordedPrompt, double> bound) => Print(prompts.First(), how, [.. prompts.Select(p => bound(p) / p.Tokens)]);

static void Calibrated(IEnumerable<RecordedPrompt> prompts)
{
    var (seen, ratios) = (new List<double>(), new List<double>());
    var random = new Random(1);
    foreach (var prompt in prompts.OrderBy(_ => random.Next()))
    {
        var estimate = ByteClasses.Estimate(prompt.Body.Span);
        if (seen.Count >= 50)
        {
            ratios.Add(estimate * seen.Order().ElementAt((int)(seen.Count * 0.99)) * 1.1 / prompt.Tokens);
        }

        seen.Add((double)prompt.Tokens / estimate);
    }

    if (ratios.Count > 0)
    {
        Print(prompts.First(), "calibrated", ratios);
    }
}

static void Print(RecordedPrompt first, string how, List<double> ratios)
{
    var errors = ratios.Select(static r => Math.Abs(r - 1)).Order().ToList();
    Console.WriteLine($"{FamilyOf(first),-12}{how,-10}{ratios.Count,5}{ratios.Average(),9:0.00}{errors.Average(),10:P0}{errors[(int)(errors.Count * 0.95)],9:P0}{ratios.Count(static r => r < 1) / (double)ratios.Count,8:P1}{ratios.Min(),8:0.00}");
}

void Cost(string name, IReadOnlyList<ReadOnlyMemory<byte>> texts)
{
    var kb = texts.Sum(static t => t.Length) / 1024.0;
    Console.WriteLine($"{name,-22}{kb,8:0}{Time(texts, o200k.Count) / kb,13:0}{Time(texts, cl100k.Count) / kb,14:0}{Time(texts, static t => (int)ByteClasses.Estimate(t)) / kb,16:0}");
}

static double Time(IReadOnlyList<ReadOnlyMemory<byte>> texts, Counter count)
{
    var best = double.MaxValue;
    for (var round = 0; round < 7; round++)
    {
        var (start, times) = (Stopwatch.GetTimestamp(), 0);
        do
        {
            foreach (var text in texts)
            {
                count(text.Span);
            }

            times++;
        }
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 100);
        best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / times);
    }

    return best;
}

static ReadOnlyMemory<byte> Text(string sentence, int kb)
{
    var bytes = Encoding.UTF8.GetBytes(sentence);
    var text = new byte[kb * 1024];
    for (var i = 0; i < text.Length; i++)
    {
        text[i] = bytes[i % bytes.Length];
    }

    return text;
}

internal delegate int Counter(ReadOnlySpan<byte> text);
