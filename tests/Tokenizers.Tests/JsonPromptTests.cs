namespace Gateway.Tokenizers.Tests;

public sealed class JsonPromptTests
{
    private static readonly BpeTokenizer _tokenizer = BpeTokenizer.Load(BpeEncoding.O200kBase);

    [Fact]
    public void A_prompt_is_bounded_by_what_is_in_it_and_its_frames()
    {
        var hello = JsonPrompt.Count(_tokenizer, """{"messages":[{"role":"user","content":"hello there"}]}"""u8)!.Value;
        Assert.InRange(hello, 9, 24);
        Assert.Equal(hello, JsonPrompt.Count(_tokenizer, """{"messages":[{"role":"user","content":"h\u0065llo there"}]}"""u8));
        Assert.True(JsonPrompt.Count(_tokenizer, """{"messages":[{"role":"user","content":"hello there"}],"tools":[{"type":"function","function":{"name":"f"}}]}"""u8) > hello + 64);
    }

    [Theory]
    [InlineData("{\"tools\":[{\"type\":\"apply_patch\"}]}")]
    [InlineData("{\"tools\":[{\"type\":7}]}")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    public void What_cannot_be_told_is_not_counted(string json) => Assert.Null(JsonPrompt.Count(_tokenizer, System.Text.Encoding.UTF8.GetBytes(json)));
}
