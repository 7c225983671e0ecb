using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;

namespace Gateway.LlmSimulator.Native;

/// <summary>Decides what to answer; how it is said is the dialect's.</summary>
internal static class TurnPlanner
{
    private const int PieceChars = 8;

    public static Turn Plan(Asked asked, string model, CompiledBehaviour compiled, long number)
    {
        var behaviour = compiled.Behaviour;
        var id = string.Create(CultureInfo.InvariantCulture, $"{behaviour.Seed}-{number}");
        var turn = new Turn(id, model, behaviour)
        {
            Thinking = asked.WantsThinking == false ? [] : [.. Words.Draw(behaviour.Seed + 1, behaviour.Thinking).Select(Plain)],
            PromptTokens = (int)((asked.PromptBytes + 3) / 4),
        };
        if (behaviour.Tools > 0 && asked is { Tools.Count: > 0, NoTools: false } && (behaviour.ToolsAgain || !asked.EndsInToolResult) && Calls(asked, behaviour.Tools, id) is { Count: > 0 } calls)
        {
            turn = turn with { Calls = calls, Finish = TurnFinish.ToolUse };
        }
        else
        {
            IReadOnlyList<string> text = behaviour.Echo ? [.. Words.Split(Encoding.UTF8.GetBytes(asked.LastText)).Select(Encoding.UTF8.GetString)] : [.. compiled.Pieces.Select(Plain)];
            text = behaviour.Resume ? [.. Words.Split(Encoding.UTF8.GetBytes(Resuming.Rest(string.Concat(text), asked.Beginning, behaviour.Repeat))).Select(Encoding.UTF8.GetString)] : text;
            turn = asked.MaxTokens is { } most && most < text.Count
                ? turn with { Text = [.. text.Take(Math.Max(0, most))], Finish = TurnFinish.Length }
                : turn with { Text = text };
        }

        return (behaviour.Refuse ? turn with { Finish = TurnFinish.Refused } : turn) with { Classes = Classes(turn, behaviour) };
    }

    private static TokenClasses Classes(Turn turn, SimulatorBehaviour behaviour)
    {
        var left = turn.PromptTokens;
        var read = Take(behaviour.Cached, ref left);
        var written = Take(behaviour.CacheWrite, ref left);
        var writtenLong = Take(behaviour.CacheWriteLong, ref left);
        return new TokenClasses(read, written, writtenLong, turn.Thinking.Count + Math.Min(behaviour.Reasoning, turn.AnswerTokens), Math.Min(behaviour.AudioIn, left), Math.Min(behaviour.AudioOut, turn.AnswerTokens));
    }

    private static int Take(int wanted, ref int left)
    {
        var taken = Math.Min(wanted, left);
        left -= taken;
        return taken;
    }

    private static List<TurnCall> Calls(Asked asked, int count, string id)
    {
        var tools = asked.ForcedTool is null ? asked.Tools : [.. asked.Tools.Where(t => t.Name == asked.ForcedTool)];
        return tools.Count == 0 ? [] : [.. Enumerable.Range(0, count).Select(i =>
        {
            var tool = tools[i % tools.Count];
            var arguments = ToolCalls.Arguments(tool.Schema);
            return new TurnCall($"call_{id}_{i}", tool.Name, arguments, [.. arguments.Chunk(PieceChars).Select(c => new string(c))]);
        })];
    }

    /// <summary>Pieces are kept escaped for JSON strings.</summary>
    private static string Plain(byte[] escaped)
    {
        var text = Encoding.UTF8.GetString(escaped);
        return text.Contains('\\', StringComparison.Ordinal) ? JsonDocument.Parse("\"" + text + "\"").RootElement.GetString()! : text;
    }
}
