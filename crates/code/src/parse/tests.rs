use super::*;
use crate::code::lex::{Tokens, lex};
use crate::code::structure::{BlockKind, Structure};
use std::collections::HashSet;

/// A program as it was read: what no other node takes in, each with what it takes, in brackets.
struct Printer<'p> {
    tree: &'p Tree,
    interner: &'p Interner,
}

impl Printer<'_> {
    fn name(&self, symbol: Symbol) -> String {
        if symbol == NAMELESS {
            "?".to_owned()
        } else {
            String::from_utf8_lossy(self.interner.name(symbol)).into_owned()
        }
    }

    fn list(&self, list: List) -> String {
        self.tree.list(list).iter().map(|&node| format!(" {}", self.node(node))).collect()
    }

    fn var(&self, var: u32) -> String {
        let var = &self.tree.vars[var as usize];
        let class = var.class.map_or(String::new(), |class| format!(":{}", self.name(class)));
        // A variable of a function is distinguished from one of the page.
        let mark = if var.function == self.tree.scope(var.function) { "" } else { "%" };
        format!("{mark}{}{class}", self.name(var.symbol))
    }

    fn node(&self, node: NodeId) -> String {
        match self.tree.node(node) {
            Node::Empty => "_".to_owned(),
            Node::Number(None) => "#".to_owned(),
            Node::Nothing => "nothing".to_owned(),
            Node::Number(Some(number)) => number.to_string(),
            Node::Text(text) => format!("'{}'", String::from_utf8_lossy(self.interner.literal(text))),
            Node::Name(var) => self.var(var),
            Node::Member(of, symbol) => format!("{}.{}", self.node(of), self.name(symbol)),
            Node::Call(callee, list) => format!("({}{})", self.node(callee), self.list(list)),
            Node::Index(of, list) => format!("({}[]{})", self.node(of), self.list(list)),
            Node::New(class, list) => format!("(new {}{})", self.name(class), self.list(list)),
            Node::Array(list) => format!("(list{})", self.list(list)),
            Node::Init(of, list) => format!("(init {}{})", self.node(of), self.list(list)),
            Node::Binary(punct, left, right) => {
                format!("({} {} {})", format!("{punct:?}").to_lowercase(), self.node(left), self.node(right))
            }
            Node::Either(left, right) => format!("(either {} {})", self.node(left), self.node(right)),
            Node::Unary(punct, of) => format!("({} {})", format!("{punct:?}").to_lowercase(), self.node(of)),
            Node::Cast(class, of) => format!("(as {} {})", self.name(class), self.node(of)),
            Node::Assign(target, value, more) => {
                format!("({} {} {})", if more { "+=" } else { "=" }, self.node(target), self.node(value))
            }
            Node::Each(target, of) => format!("(each {} {})", self.node(target), self.node(of)),
            Node::Return(_, value) => format!("(return {})", self.node(value)),
            Node::Output(value) => format!("(write {})", self.node(value)),
            Node::Class(class) => {
                let class = &self.tree.classes[class as usize];
                let bases: String = class.bases.iter().map(|&base| format!(" {}", self.name(base))).collect();
                format!("(class {}{bases})", self.name(class.symbol))
            }
            Node::Function(function) => {
                let function = &self.tree.functions[function as usize];
                let parameters: String = function.parameters.iter().map(|&var| format!(" {}", self.var(var))).collect();
                let remote = if function.attributes.remote { "remote " } else { "" };
                format!("({remote}function {}{parameters})", self.name(function.symbol))
            }
        }
    }

    /// Nodes that others take in.
    fn taken(&self) -> HashSet<NodeId> {
        let mut taken = HashSet::new();
        for spanned in &self.tree.nodes {
            match spanned.node {
                Node::Member(of, _)
                | Node::Unary(_, of)
                | Node::Cast(_, of)
                | Node::Return(_, of)
                | Node::Output(of) => {
                    taken.insert(of);
                }
                Node::Call(of, list) | Node::Index(of, list) | Node::Init(of, list) => {
                    taken.insert(of);
                    taken.extend(self.tree.list(list));
                }
                Node::New(_, list) | Node::Array(list) => taken.extend(self.tree.list(list)),
                Node::Binary(_, one, two)
                | Node::Either(one, two)
                | Node::Assign(one, two, _)
                | Node::Each(one, two) => taken.extend([one, two]),
                _ => {}
            }
        }
        taken
    }

    /// All that is more than a bare name or value.
    fn print(&self) -> String {
        let taken = self.taken();
        (0..self.tree.nodes.len() as NodeId)
            .filter(|node| !taken.contains(node))
            .map(|node| self.node(node))
            .filter(|text| text.starts_with('('))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn parsed(language: Language, kind: BlockKind, text: &str) -> String {
    let (mut interner, mut tokens, mut tree) = (Interner::default(), Tokens::default(), Tree::default());
    lex(text.as_bytes(), 0..text.len(), language, kind, &mut interner, &mut tokens, usize::MAX);
    parse(&tokens.tokens, &interner, &mut tree);
    Printer { tree: &tree, interner: &interner }.print()
}

fn page(text: &str) -> String {
    let (mut interner, mut tokens, mut tree) = (Interner::default(), Tokens::default(), Tree::default());
    for block in Structure::read(text.as_bytes(), "a.asp").blocks {
        lex(text.as_bytes(), block.range, block.language, block.kind, &mut interner, &mut tokens, usize::MAX);
    }
    parse(&tokens.tokens, &interner, &mut tree);
    Printer { tree: &tree, interner: &interner }.print()
}

#[track_caller]
fn all(language: Language, cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, wanted)| (text, parsed(language, BlockKind::Members, text), wanted))
        .filter(|(_, found, wanted)| found != *wanted)
        .map(|(text, found, wanted)| format!("{text}\n  is  {found}\n  not {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "{language:?}:\n{}", wrong.join("\n"));
}

#[test]
fn calls_of_basic() {
    all(
        Language::VbScript,
        &[
            ("f 1, 2", "(f 1 2)"),
            ("a.b (c), 0, true", "(a.b c 0 #)"),
            ("f(a) & b", "(f (concat a b))"),
            ("f(a)(b)", "((f a) b)"),
            ("f(a) = b & c", "(= (f a) (concat b c))"),
            ("f (1)", "(f 1)"),
            ("call f(1, 2)", "(f 1 2)"),
            ("a.b.c \"x\"", "(a.b.c 'x')"),
            ("a.b(\"k\") = c(1)(2)", "(= (a.b 'k') ((c 1) 2))"),
            ("a.b(1).c d & e, f", "((a.b 1).c (concat d e) f)"),
            ("x = f(, 2)", "(= x (f _ 2))"),
            ("f -1", "(subtract f 1)"),
            ("a.b -1", "(subtract a.b 1)"),
            ("f \"a\" & g(\"b\")", "(f (concat 'a' (g 'b')))"),
            ("if f(a) then g b else h c", "(f a) (g b) (h c)"),
            ("f a : g b", "(f a) (g b)"),
            ("x = a = b", "(= x (equal a b))"),
            ("set x = f(a)", "(= x (f a))"),
            ("x = not a and b or c", "(= x (or (and (not a) b) c))"),
            (
                "x = a & b + c * d ^ e \\ f mod g",
                "(= x (concat a (add b (remainder (intdivide (multiply c (power d e)) f) g))))",
            ),
            ("x = -a & b", "(= x (concat (subtract a) b))"),
            // Lines that were wrapped.
            ("a.write\nb & c", "(a.write (concat b c))"),
            ("f\n(1)", "(f 1)"),
            ("g a\nx = 1", "(g a) (= x 1)"),
            ("x = a\nand b", "(= x (and a b))"),
        ],
    );
    all(
        Language::VisualBasic,
        &[
            ("f(a:=1, b:=g(2))", "(f 1 (g 2))"),
            ("a?.b(c)", "(a.b c)"),
            ("x = If(a, b, c)", "(= x (if a b c))"),
            ("x = CType(a, B).c", "(= x (ctype a b).c)"),
            ("x += y & z", "(+= x (concat y z))"),
            ("x &= y", "(+= x y)"),
            ("x = a!b", "(= x a.b)"),
            ("x = {1, a}", "(= x (list 1 a))"),
            ("AddHandler a.b, AddressOf c", "(addhandler a.b c)"),
            ("x = a.b(Of C)(d)", "(= x (a.b d))"),
            ("x = a.b(Of C, D(Of E)).f", "(= x a.b.f)"),
            ("If TypeOf a Is B Then c(d)", "(equal a b) (c d)"),
            ("x = New String() {\"a\", b}", "(= x (init (new string) 'a' b))"),
            ("x = $\"a{b}c\"", "(= x (add (add 'a' b) 'c'))"),
            // Queries are not read.
            ("x = From a In b Where a.c Select d(a)", "(= x from) (each a b) (where a.c) (d a)"),
        ],
    );
}

#[test]
fn with_blocks() {
    all(
        Language::VbScript,
        &[
            ("with a\n.b = 1\n.c 2\nx = .d(3)\nend with", "(= a.b 1) (a.c 2) (= x (a.d 3))"),
            ("with f(1).g\n.b = .c\nend with", "(= (f 1).g.b (f 1).g.c)"),
            ("with a\nwith .b\n.c = 1\nend with\n.d = 2\nend with", "(= a.b.c 1) (= a.d 2)"),
        ],
    );
    all(
        Language::VisualBasic,
        &[
            ("With New A(b)\n.c = 1\nEnd With", "(=  (new a b)) (= .c 1)"),
            ("x = New A With {.b = 1, .c = d}", "(= x (init (new a) 1 d))"),
        ],
    );
}

#[test]
fn declarations() {
    all(
        Language::VbScript,
        &[
            ("dim a, b(3), c : a = 1", "(b 3) (= a 1)"),
            ("redim preserve a(1, b)", "(a 1 b)"),
            ("const a = \"x\", b = 2", "(= a 'x') (= b 2)"),
        ],
    );
    all(
        Language::VisualBasic,
        &[
            ("Dim a As String = b", "(= a:string b)"),
            ("Dim a As New B.C(d)", "(= a (new c d))"),
            ("Dim a As New B(Of C)(d)", "(= a (new b d))"),
            ("Dim a As New B With {.c = d}", "(= a (init (new b) d))"),
            ("Dim a As New List(Of String) From {\"x\", b}", "(= a (init (new list) 'x' b))"),
            ("Dim a() As String = {\"x\"}", "(a:string) (= a:string (list 'x'))"),
            ("Dim a As String() = {\"x\"}", "(= a:string (list 'x'))"),
            ("Dim a(2) As String", "(a:string 2)"),
            ("Dim a, b As B = c", "(= b:b c)"),
            ("Dim a As B = New C(d), e As F = g", "(= a:b (new c d)) (= e:f g)"),
            ("Using a As New B(c)\nEnd Using", "(= a (new b c))"),
            ("Imports A = B.C\nDim d As A = e", "(= d:a e)"),
            ("For Each a As B In c\nNext", "(each a:b c)"),
            ("For i As Integer = 0 To f(a) Step 2\nNext", "(= i:integer 0) (= i:integer _) (f a)"),
            ("Catch ex As Exception When f(ex)", "(f ex:exception)"),
        ],
    );
    all(
        Language::CSharp,
        &[
            ("string a = b, c = d;", "(= a:string b) (= c:string d)"),
            ("var a = b;", "(= a b)"),
            ("A.B<C, D[]> e = f;", "(= e:b f)"),
            ("A[] b = { c, d };", "(a[]) (= b:a (list c d))"),
            ("string? a = b;", "(= a:string b)"),
            ("int a;", ""),
            ("const string a = \"x\";", "(= a:string 'x')"),
            ("using (var a = new B(c)) { d(a); }", "(= a (new b c)) (d a)"),
            ("using var a = new B(c);", "(= a (new b c))"),
            ("foreach (var a in b) c(a);", "(each a b) (c a)"),
            ("foreach (A b in c.d) { }", "(each b:a c.d)"),
            ("for (int i = 0; i < a; i++) { b(i); }", "(= i:int 0) (less i:int a) (+= i:int _) (b i:int)"),
            ("f(out var a); f(ref b);", "(f a) (f b)"),
            ("var (a, b) = c;", "(= b c)"),
        ],
    );
    all(
        Language::JScript,
        &[
            ("var a = 1, b = f(a);", "(= a 1) (= b (f a))"),
            ("var a : String = b", "(= a:string b)"),
            ("a = b\nc = d", "(= a b) (= c d)"),
            ("for (var a in b) c(a)", "(each a b) (c a)"),
        ],
    );
}

#[test]
fn functions() {
    all(
        Language::VbScript,
        &[
            ("function f(a, byval b)\nf = a & b\nend function\nf 1", "(function f %a %b) (= %f (concat %a %b)) (f 1)"),
            ("sub f\ndim a\na = 1\nend sub\na = 2", "(function f) (= %a 1) (= a 2)"),
            ("class a\nproperty get b\nb = 1\nend property\nend class", "(class a) (function b) (= %b 1)"),
            ("class a\nproperty let b(c)\nd = c\nend property\nend class", "(class a) (function b %c) (= d %c)"),
        ],
    );
    all(
        Language::VisualBasic,
        &[
            (
                "Function F(ByVal a As B, Optional c As D = \"x\") As E\nReturn a\nEnd Function",
                "(function f %a:b %c:d) (return %a:b)",
            ),
            ("Sub F(ParamArray a() As B) Handles c.d\ng(a)\nEnd Sub", "(function f %a:b) (g %a:b)"),
            (
                "<WebMethod()> _\nPublic Function F(a As String) As String\nReturn a\nEnd Function",
                "(remote function f %a:string) (return %a:string)",
            ),
            ("<WebMethod()>\nPublic Function F(a As String) As String\nEnd Function", "(remote function f %a:string)"),
            ("x = Function(a) a & b", "(= x (concat a b))"),
            ("f(Sub(a) g(a))", "(f (g a))"),
            ("AddHandler t.u, Sub()\na = b\ng(a)\nEnd Sub\nh(1)", "(addhandler t.u) (= a b) (g a) (h 1)"),
            // In brackets the lines of a function run together, and what it assigns is lost.
            ("f(Sub()\na = b\ng(a)\nEnd Sub)", "(f (equal a b) (g a))"),
            ("Sub New(a As B)\nMyBase.New(a)\nEnd Sub", "(function new %a:b) (mybase.new %a:b)"),
            ("Property A As String = b", ""),
            (
                "Property A As String\nGet\nReturn b\nEnd Get\nSet(value As String)\nc = value\nEnd Set\nEnd Property",
                "(return b) (= c value:string)",
            ),
        ],
    );
    all(
        Language::CSharp,
        &[
            ("class A : B, C.D { }", "(class a b d)"),
            ("string F(A b, params C.D[] e) { return b; }", "(function f %b:a %e:d) (return %b:a)"),
            ("class A { A(string b) : base(b) { c = b; } }", "(class a) (function a %b:string) (= c %b:string)"),
            (
                "int F(int a) => a + 1; int G() => F(2);",
                "(function f %a:int) (return (add %a:int 1)) (function g) (return (f 2))",
            ),
            ("string P { get { return a; } set { b = value; } }", "(function p) (return a) (= b value)"),
            ("string P => a;", "(function p) (return a)"),
            // The value is lost.
            ("string P { get; set; } = a;", "(function p)"),
            (
                "[WebMethod] public static string F(string a) { return a; }",
                "(remote function f %a:string) (return %a:string)",
            ),
            ("[WebMethod(Description = \"x\"), Other] string F(string a) { }", "(remote function f %a:string)"),
            ("[DllImport(\"x\")] static extern int F(string a);", ""),
            ("T F<T>(T a) where T : B { return a; }", "(function f %a:t) (return %a:t)"),
            ("void F() { int G(int a) { return a; } G(1); }", "(function f) (function g %a:int) (return %a:int) (g 1)"),
            ("x = a => a + 1;", "(= x (add a 1))"),
            ("x = (a, b) => { return a; };", "(return a) (= x _)"),
            ("x = delegate (A b) { c(b); };", "(c %b:a) (= x _)"),
            ("f(a => g(a), b);", "(f (g a) b)"),
            ("enum A { B, C = 2 }", "(class a) (= c 2)"),
        ],
    );
    all(
        Language::JScript,
        &[
            ("function f(a, b) { return a + b }", "(function f %a %b) (return (add %a %b))"),
            ("var f = function (a) { return a; }; f(1)", "(function f %a) (return %a) (= f _) (f 1)"),
            ("(function (a) { b(a) })(c)", "(function ? %a) (b %a) (_ c)"),
            ("f(function (a) { b(a) }, c)", "(function ? %a) (b %a) (f _ c)"),
            ("a.b = function (c) { d(c) }\ne(1)", "(function b %c) (d %c) (= a.b _) (e 1)"),
            ("x = { a: 1, \"b\": c, d: function (e) { return e } }", "(function d %e) (return %e) (= x (list 1 c _))"),
            ("function f() { var a = 1; function g() { return a } }", "(function f) (= %a 1) (function g) (return %a)"),
        ],
    );
}

#[test]
fn expressions_of_csharp() {
    all(
        Language::CSharp,
        &[
            ("x = (A)b;", "(= x (as a b))"),
            ("x = (A.B<C>[])d.e;", "(= x (as c d.e))"),
            ("x = (string)a + b;", "(= x (add (as string a) b))"),
            ("x = ((A)b).c;", "(= x (as a b).c)"),
            ("x = a as B;", "(= x (as b a))"),
            ("x = a.b as B ?? c;", "(= x (either (as b a.b) c))"),
            ("x = a is B;", "(= x (equal a b))"),
            ("x = (a) + b;", "(= x (add a b))"),
            ("x = a ? b : c;", "(= x (either b c))"),
            ("x = a == 1 ? b : c ? d : e;", "(equal a 1) (= x (either b (either d e)))"),
            ("x = a ? b ? c : d : e;", "(= x (either (either c d) e))"),
            ("f(a ? b : c, d);", "(f (either b c) d)"),
            ("f(a: b, c: d);", "(f b d)"),
            ("x = a?.b?[c] ?? d;", "(= x (either (a.b[] c) d))"),
            ("x = f<A>(b);", "(= x (f b))"),
            ("x = a.f<A, B>(b).g();", "(= x ((a.f b).g))"),
            ("x = a < b;", "(= x (less a b))"),
            ("x = new A(b) { C = d, E = { f } };", "(= x (init (new a b) d (list f)))"),
            ("x = new A { B = c };", "(= x (init (new a) c))"),
            ("x = new A<B> { c, { \"k\", d } };", "(= x (init (new a) c (list 'k' d)))"),
            ("x = new A[] { b, c };", "(= x (list b c))"),
            ("x = new[] { b, c };", "(= x (list b c))"),
            ("x = new { A = b, c };", "(= x (list (= a b) c))"),
            ("x = new A[b];", "(= x _)"),
            ("new A(b).c(d);", "((new a b).c d)"),
            ("x = new System.A(b);", "(= x (new a b))"),
            ("a[b] = c[d, e];", "(= (a[] b) (c[] d e))"),
            ("x = $\"a{b}c\";", "(= x (add (add 'a' b) 'c'))"),
            ("x = !a && -b > c;", "(= x (and (not a) (greater (subtract b) c)))"),
            ("x += y; x -= z;", "(+= x y) (= x (xor x z))"),
            ("x = y = z;", "(= x (= y z))"),
            ("await a.b(c);", "(a.b c)"),
            ("throw new A(b);", "(return (new a b))"),
            ("x = typeof(A);", "(= x (typeof a))"),
            ("x = @class.a; @if = b;", "(= x class.a) (= if b)"),
            ("if (a) b = c; else d(e);", "(= b c) (d e)"),
            ("switch (a) { case \"b\": c(d); break; default: e(f); break; }", "(c d) (e f)"),
            // Not read.
            ("x = a switch { 1 => b, _ => c };", "(= x a)"),
            ("try { a(b); } catch (C d) { e(d); } finally { f(); }", "(a b) (e d:c) (f)"),
            ("lock (a) { b(c); }", "(b c)"),
            ("if (a is string s) f(s);", "(= s:string a) (f s:string)"),
            ("A a = new(b);", "(= a:a (new ? b))"),
            ("var a = new A<B, C> { [\"k\"] = b };", "(list 'k') (= a (init (new a) b))"),
            ("x = (A<B>)(() => a);", "(= x (as b a))"),
            ("a.b += (c, d) => e(c);", "(+= a.b (e c))"),
            ("while ((a = b.c()) != null) d(a);", "(notequal (= a (b.c)) nothing) (d a)"),
            ("x = (char)(a[i] ^ 1);", "(= x (as char (xor (a[] i) 1)))"),
            ("a: b(c); goto a;", "(b c)"),
            // Queries are not read.
            ("x = from a in b select d(a);", "(= x (each a:from (d:select a:from)))"),
            ("do { a(b); } while (c(d));", "(a b) (c d)"),
        ],
    );
}

#[test]
fn expressions_of_jscript() {
    all(
        Language::JScript,
        &[
            ("x = a || b && c", "(= x (or a (and b c)))"),
            ("x = a ? b : c", "(= x (either b c))"),
            ("x = [a, b][0]", "(= x ((list a b)[] 0))"),
            ("x = a[\"b\"](c)", "(= x ((a[] 'b') c))"),
            ("x = new A(b).c", "(= x (new a b).c)"),
            ("x = new A", "(= x (new a))"),
            ("x = new A\ny = 1", "(= x (new a)) (= y 1)"),
            ("x = typeof a == \"b\"", "(= x (equal a 'b'))"),
            ("a(b)\n(c)(d)", "(((a b) c) d)"),
            ("if (a) { b(c) } else { d(e) }", "(b c) (d e)"),
            ("if (a) b(c)\nelse d(e)", "(b c) (d e)"),
            ("switch (a) { case 1: b(c); default: d(e) }", "(b c) (d e)"),
            ("try { a(b) } catch (c) { d(c) }", "(a b) (d c)"),
            ("with (a) { b(c) }", "(b c)"),
            ("return a(b)", "(return (a b))"),
            ("x = (a, b)", "(= x b)"),
            ("x = /a/.test(b)", "(= x (_.test b))"),
            ("new Function(\"a\", b)(c)", "((new function 'a' b) c)"),
            ("this[\"a\" + b](c)", "((this[] (add 'a' b)) c)"),
            ("do a(b); while (c)", "(a b)"),
            ("for (var i = 0, n = a.b; i < n; i++) c(a[i])", "(= i 0) (= n a.b) (less i n) (+= i _) (c (a[] i))"),
            ("a(\"b\") = c", "(= (a 'b') c)"),
            ("x = function () { return a }()", "(function x) (return a) (= x (_))"),
        ],
    );
}

#[test]
fn pages() {
    let cases = [
        ("<% if a then %> x <% b c %> y <% else %> z <% d e %><% end if %>", "(b c) (d e)"),
        ("<%= f(a) %> x <%= b & c %>", "(write (f a)) (write (concat b c))"),
        ("<% for each a in b %><li><%= a %></li><% next %>", "(each a b) (write a)"),
        ("<% function f(a) %><p><%= a %></p><% end function %><% f 1 %>", "(function f %a) (write %a) (f 1)"),
        ("<%@ language=jscript %><% if (a) { %> x <% b(c) } else { %> y <%= d %> <% } %>", "(b c) (write d)"),
        ("<%@ language=jscript %><% function f(a) { %> <%= a %> <% } f(1) %>", "(function f %a) (write %a) (f 1)"),
        ("<% a = 1 %><script language=jscript runat=server>b = 2; c(d)</script>", "(= a 1) (= b 2) (c d)"),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, wanted)| (text, page(text), wanted))
        .filter(|(_, found, wanted)| found != *wanted)
        .map(|(text, found, wanted)| format!("{text}\n  is  {found}\n  not {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
