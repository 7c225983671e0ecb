using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;
using Gateway.Mcp.Policies;

namespace Gateway.Mcp.Tests;

/// <summary>A tool is listed exactly if some call of it could pass: over random identities, policies and arguments, against all arguments there are of a small world.</summary>
public sealed class ListEqualsCallTests
{
    private static readonly string?[] _values = [null, .. Texts("abc", 4).Concat(Texts("abc/", 3)).Concat(["..", "../", "/..", "a/..", "../a"]).Distinct()];
    private static readonly string[] _servers = ["s", "t"];
    private static readonly string[] _tools = ["x", "y"];

    private static readonly Gen<string> _pattern = Gen.Elements("*", "a", "b", "ab", "a*", "*b", "*a", "b*", "c*", "*c", "a*b", "", "/a", "a/*", "/*", "*/*", "aa", "a*a");
    private static readonly Gen<string> _tool = Gen.Elements("*/*", "s/*", "t/*", "s/x", "s/y", "*/x", "t/y");

    private static readonly Gen<McpArgumentCondition> _condition =
        from path in Gen.Elements("p", "q", "p", "q", "p.r")
        from values in Some(_pattern, 1, 2)
        select new McpArgumentCondition { Path = path, Values = values };

    private static readonly Gen<McpCallPattern> _calls =
        from tools in Some(_tool, 1, 2)
        from conditions in Some(_condition, 0, 2)
        select new McpCallPattern { Tools = tools, Arguments = conditions };

    private static readonly Gen<McpSelector?> _selector = Gen.Frequency(
        (2, Gen.Constant<McpSelector?>(null)),
        (1, from keys in Some(Gen.Elements("k", "l"), 0, 2) from teams in Some(Gen.Elements("t", "u"), 0, 1) from tags in Some(Gen.Elements("one", "two"), 0, 1)
            select (McpSelector?)new McpSelector { Keys = keys, Teams = teams, Tags = tags }));

    private static readonly Gen<McpPolicyEntry> _policy =
        from order in Gen.Choose(0, 3)
        from selector in _selector
        from allow in Some(_calls, 0, 2)
        from deny in Some(_calls, 0, 2)
        from enabled in Gen.Frequency((9, Gen.Constant(true)), (1, Gen.Constant(false)))
        select new McpPolicyEntry { Id = "p" + order, Order = order, Enabled = enabled, AppliesTo = selector, Allow = allow, Deny = deny };

    private static readonly Gen<ToolCaller> _caller =
        from key in Gen.Elements("k", "l")
        from team in Gen.Elements("", "t", "u")
        from tags in Some(Gen.Elements("one", "two"), 0, 2)
        from tools in Some(_tool, 0, 1)
        select new ToolCaller { KeyId = key, TeamId = team, Tags = tags, Tools = tools };

    [Fact]
    public void A_tool_is_listed_exactly_if_some_call_of_it_could_pass()
    {
        var worlds = JsonElements();
        Prop.ForAll(Arb.From(from policies in Some(_policy, 0, 3) from caller in _caller select (policies, caller)), world =>
        {
            var caller = ToolPolicies.Compile(world.policies).For(world.caller);
            foreach (var (server, tool) in from s in _servers from t in _tools select (s, t))
            {
                var passes = worlds.Find(arguments => caller.Decide(server, tool, arguments).IsAllowed);
                Assert.True(
                    caller.MayList(server, tool) == (passes.ValueKind != JsonValueKind.Undefined),
                    $"{server}/{tool} {passes} {JsonSerializer.Serialize(world.caller)} {JsonSerializer.Serialize(world.policies.Select(static p => new { p.Enabled, p.AppliesTo, p.Allow, p.Deny }))}");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    private static Gen<T[]> Some<T>(Gen<T> of, int least, int most) => from count in Gen.Choose(least, most) from items in Gen.ArrayOf(of, count) select items;

    private static IEnumerable<string> Texts(string letters, int most) =>
        Enumerable.Range(0, most + 1).SelectMany(length => Enumerable.Range(0, (int)Math.Pow(letters.Length, length)).Select(n =>
            string.Concat(Enumerable.Range(0, length).Select(i => letters[n / (int)Math.Pow(letters.Length, i) % letters.Length]))));

    // Each argument missing or any of the texts; "p" is a text, or an object that has one.
    private static List<JsonElement> JsonElements()
    {
        // The most telling ones in front: most searches end soon.
        var texts = _values.OrderBy(static v => v?.Length ?? -1).ToList();
        return
        [
            .. from p in texts from q in texts where (p?.Length ?? 0) + (q?.Length ?? 0) <= 5 from nested in p is null ? (bool[])[false] : [false, true]
            select JsonElement.Parse($"{{{(p is null ? "" : nested ? $"\"p\":{{\"r\":{JsonSerializer.Serialize(p)}}}" : $"\"p\":{JsonSerializer.Serialize(p)}")}{(p is not null && q is not null ? "," : "")}{(q is null ? "" : $"\"q\":{JsonSerializer.Serialize(q)}")}}}"),
        ];
    }
}
