using Gateway.Edge.Configuration;

namespace Gateway.Edge.Tests.Configuration;

/// <summary>Whatever a file holds, loading it answers with a snapshot or with errors.</summary>
public sealed class GatewayFileMutationTests
{
    private const string Interesting = "{}[]:,-?*&!|>'\"%@`#~$<\n\t \\\0\u0085\u2028\uFEFF\uD800é0";

    [Fact]
    public void Any_truncation_is_answered()
    {
        var text = File.ReadAllText(SourceTree.PathOf("docs/gateway.example.yaml"));
        for (var length = 0; length <= text.Length; length += 3)
        {
            AssertAnswered(text[..length]);
        }
    }

    [Fact]
    public void Any_mutation_is_answered()
    {
        var text = File.ReadAllText(SourceTree.PathOf("docs/gateway.example.yaml"));
        var random = new Random(20_260);
        for (var round = 0; round < 2_000; round++)
        {
            var mutated = text.ToCharArray().ToList();
            for (var edit = random.Next(1, 6); edit > 0; edit--)
            {
                var at = random.Next(mutated.Count);
                switch (random.Next(4))
                {
                    case 0:
                        mutated.RemoveRange(at, Math.Min(random.Next(1, 40), mutated.Count - at));
                        break;
                    case 1:
                        mutated.Insert(at, Interesting[random.Next(Interesting.Length)]);
                        break;
                    case 2:
                        mutated[at] = (char)random.Next(0x250);
                        break;
                    default:
                        mutated.InsertRange(at, mutated.GetRange(at, Math.Min(random.Next(1, 60), mutated.Count - at)));
                        break;
                }

                if (mutated.Count == 0)
                {
                    break;
                }
            }

            AssertAnswered(new string([.. mutated]));
        }
    }

    [Fact]
    public void Noise_is_answered()
    {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            AssertAnswered(new string([.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => Interesting[random.Next(Interesting.Length)])]));
        }
    }

    private static void AssertAnswered(string text)
    {
        GatewayFileResult result;
        try
        {
            result = Files.Parse(text);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Threw for: {text.ReplaceLineEndings("\\n")}", e);
        }

        Assert.Equal(result.Snapshot is null, result.Errors.Count > 0);
    }
}
