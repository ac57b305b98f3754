"""Submitting, the pipeline, the profile, tasks and notifications: what people do with ideas on
pages."""

import re

import pytest
import sqlalchemy as sa
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.pages import Visitor, form_of, visitor

from autohub.pages.shared import selection as many

NAME, TEXT, PLACE = "OVR-OVERVIEW_NAME", "OVR-OVERVIEW_DESCRIPTION", "OVR-OVERVIEW_CATEGORY"
OWNER, SUBMITTER = "OVR-PROCESS_OWNER", "OVR-OVERVIEW_PROCESS_SUBMITTER"


def answers(page_html: str) -> dict[str, str]:
    """The first answer to each of the quick questions of a form."""
    return dict(
        reversed(re.findall(r'type="radio" name="(HLA-[A-Z_]+)" value="([^"]+)"', page_html))
    )


def filled(reader: Visitor, email: str, **more: str) -> dict[str, str]:
    page = reader.get("/submit/1")
    fields = answers(page.html) | {
        NAME: "Sort the post",
        TEXT: "By hand.",
        PLACE: "3",
        OWNER: email,
        SUBMITTER: email,
    }
    return fields | more


class TestSubmitting:
    def test_what_lacks_is_said_at_the_question_and_nothing_typed_is_lost(
        self, hub: TestHub, owner: Client
    ) -> None:
        reader = visitor(hub, (8, 0), email="jane@example.com")
        page = reader.post("/submit/1", {NAME: "Sort the post", TEXT: "By <hand>."})
        assert page.status == 400 and "Category needs an answer" in page.text
        assert page.value(NAME) == "Sort the post" and "By &lt;hand&gt;." in page.html

    def test_a_whole_form_makes_an_idea_that_shows_in_workspace_pipeline_and_search(
        self, hub: TestHub, owner: Client
    ) -> None:
        reader = visitor(hub, (8, 0), email="jane@example.com")
        led = reader.post("/submit/1", filled(reader, "jane@example.com"))
        assert led.status == 303 and led.location.startswith("/automation-profile/sort-the-post-")
        profile = reader.get(led.location)
        assert "“Sort the post” is handed in" in profile.text and "Awaiting review" in profile.text
        assert "is handed in" not in reader.get(led.location).text
        for page in (
            "/workspace",
            "/pipeline",
            "/pipeline?s=sort+post",
            "/search?s=sort",
            "/pipeline?layout=board",
        ):
            assert "Sort the post" in reader.get(page).text, page
        assert "process_name" not in profile.text

    @pytest.mark.parametrize("name", ["Τιμολόγια ελέγχω", "日本語の郵便", "Счета проверить"])
    def test_a_name_of_any_script_is_saved_and_leads_on(
        self, hub: TestHub, owner: Client, name: str
    ) -> None:
        reader = visitor(hub, (1, 0), email="jane@example.com")
        led = reader.post("/submit/1", filled(reader, "jane@example.com", **{NAME: name}))
        assert led.status == 303 and name in reader.get(led.location).text
        at = f"/automation-profile/{led.location.rpartition('-')[2]}"
        form = reader.get(f"{at}/edit").html
        edited = {NAME: f"{name} 2", "stamp": re.search(r'name="stamp" value="(\w+)"', form)[1]}
        for path, fields in ((f"{at}/edit", edited), (f"{at}/move", {"to": "48", "reason": name})):
            led = reader.post(path, fields)
            assert led.status == 303 and f"{name} 2" in reader.get(led.location).text, path
        led = reader.post(f"{at}/follow", {"wanted": "0"}, **{"hx-request": "true"})
        assert led.status < 400

    def test_a_draft_is_kept_and_handed_in_later(self, hub: TestHub, owner: Client) -> None:
        reader = visitor(hub, (8, 0), email="jane@example.com")
        kept = reader.post("/submit/1/draft", {NAME: "Half a thought"})
        number = re.search(r'data-draft="(\d+)"', kept.html)[1]
        again = reader.post("/submit/1/draft", {NAME: "More of it", "draft_id": number})
        assert f'data-draft="{number}"' in again.html
        assert reader.get(f"/submit/1?draft={number}").value(NAME) == "More of it"
        assert "More of it" in reader.get("/workspace?tab=drafts").text
        assert visitor(hub, (8, 0)).get(f"/submit/1?draft={number}").status == 404
        reader.post("/submit/1", filled(reader, "jane@example.com", draft_id=number))
        assert "More of it" not in reader.get("/workspace?tab=drafts").text

    def test_duplicates_and_scores_show_while_one_types(self, hub: TestHub, owner: Client) -> None:
        hand_in(owner, process_name="Sort the post by department")
        reader = visitor(hub, (8, 0), email="jane@example.com")
        look = reader.post(
            "/submit/1/look",
            filled(reader, "jane@example.com", **{NAME: "Sort the post by department again"}),
        )
        assert (
            "Is it one of these?" in look.text
            and "Sort the post by department" in look.text
            and "Idea score" in look.text
        )
        assert "Answer some of the questions" in reader.post("/submit/1/look", {NAME: "Sort"}).text

    def test_a_kind_that_one_may_not_submit_is_neither_offered_nor_open(
        self, hub: TestHub, owner: Client
    ) -> None:
        reader = visitor(hub, (8, 0))
        assert (
            'href="/submit/1"' in reader.get("/submit").html
            and 'href="/submit/2"' not in reader.get("/submit").html
        )
        assert reader.get("/submit/2").status == 403


class TestMoving:
    def test_a_reviewer_approves_and_names_the_owner_that_lacks(
        self, hub: TestHub, owner: Client
    ) -> None:
        process_id = hand_in(owner)
        hub.database.write(lambda db: _without_owner(db, process_id))
        reader = visitor(hub, (6, 0), email="approver@example.com")
        hub.person((8, 0), email="jane@example.com")
        at = f"/automation-profile/{process_id}/move"
        assert "Process owner" in reader.get(f"{at}?to=51").text
        refused = reader.post(at, {"to": "51", "reason": "good"})
        assert (
            refused.status == 400
            and "required for this move" in refused.text
            and "good" in refused.html
        )
        assert reader.post(at, {"to": "51", "owner": "nobody@example.com"}).status == 400
        assert reader.post(at, {"to": "51", "owner": "jane@example.com"}).status == 303
        assert (
            owner.get(f"/automations/{process_id}").data["owner"]["user_email"]
            == "jane@example.com"
        )
        jane = Visitor(hub, owner.user("jane@example.com")["user_id"])
        assert "Assess" in jane.get("/tasks").text and jane.get("/counts").text.startswith(
            "Tasks 1"
        )
        assert "waits for your Detailed Assessment" in jane.get("/notifications").text
        jane.post("/notifications/read", {})
        assert jane.get("/counts").text == "Tasks 1 Notifications"

    def test_an_owner_that_is_there_stays_whoever_moves_it(
        self, hub: TestHub, owner: Client
    ) -> None:
        process_id = hand_in(owner)
        hub.person((8, 0), email="jane@example.com")
        answer = owner.post(
            "/automations/status",
            {"process_id": process_id, "phase_status_id": 51, "owner": "jane@example.com"},
        )
        assert answer.status == 400 and "named already" in str(answer.details)

    def test_the_decision_names_a_project_manager_who_then_leads(
        self, hub: TestHub, owner: Client
    ) -> None:
        process_id = hand_in(owner)
        hub.person((11, 0), email="manager@example.com")
        for status in (51, 54):
            owner.post(
                "/automations/status",
                {"process_id": process_id, "phase_status_id": status, "force": 1},
            )
        reader = visitor(hub, (5, 0))
        form = {"to": "56", "project_manager": "manager@example.com"}
        assert reader.post(f"/automation-profile/{process_id}/move", form).status == 303
        team = reader.get(f"/automation-profile/{process_id}/collaborators").text
        assert "Project Manager" in team
        assert (
            "You work on this automation"
            not in reader.get(f"/automation-profile/{process_id}").text
        )

    def test_a_duplicate_names_its_original(self, hub: TestHub, owner: Client) -> None:
        first, second = (
            hand_in(owner, process_name="Sort the post"),
            hand_in(owner, process_name="Sort the post too"),
        )
        reader = visitor(hub, (6, 0))
        at = f"/automation-profile/{second}/move"
        assert "Sort the post" in reader.get(f"{at}?to=49").text
        assert "Which idea does it repeat?" in reader.post(at, {"to": "49"}).text
        assert (
            "There is no other idea 999."
            in reader.post(at, {"to": "49", "duplicate_of": str(first), "other": "999"}).text
        )
        assert reader.post(at, {"to": "49", "duplicate_of": str(first), "other": ""}).status == 303
        assert (
            f"Duplicate of idea {first}" in reader.get(f"/automation-profile/{second}/history").text
        )

    def test_no_status_and_no_priority_is_chosen_until_somebody_chooses_one(
        self, hub: TestHub, owner: Client
    ) -> None:
        process_id = hand_in(owner)
        reader = visitor(hub, (5, 0))
        at = f"/automation-profile/{process_id}/move"
        page = reader.get(at)
        assert "Where does it go?" in page.text and page.html.count('name="to"') > 1
        assert re.search(
            r'class="btn btn-primary" href="[^"]*/move[?]to=51"', reader.get(at[:-5]).html
        )
        assert not re.search(r'<input[^>]*name="to"[^>]*checked', page.html)
        refused = reader.post(at, {"reason": "Because."})
        assert (
            refused.status == 400
            and "Choose where the idea goes." in refused.text
            and "Because." in refused.html
        )
        listed = reader.get("/pipeline").html
        for name in ("to", "priority"):
            chooser = listed[listed.index(f'name="{name}"') :]
            assert re.search(r'<option value="([^"]*)"', chooser)[1] == "", name
        for act in ("move", "priority"):
            refused = reader.post(
                f"/pipeline/many/{act}",
                {"process_id": str(process_id), "to": "", "priority": ""},
            )
            assert refused.status == 400 and "Choose the" in refused.text
        idea = owner.get(f"/automations/{process_id}").data
        assert (idea["process_phase_status_id"], idea["process_priority"]) == (46, None)

    @pytest.mark.parametrize("hub", ["sqlite"], indirect=True)
    def test_no_page_of_an_idea_has_two_filled_buttons_whatever_its_status_and_reader(
        self, hub: TestHub, owner: Client
    ) -> None:
        stella, process_id = _idea_of_stella(hub, owner)
        readers = [Visitor(hub, owner.user_id), stella, visitor(hub, (6, 0))]
        for status in (*range(46, 94),):
            sent = {"process_id": process_id, "phase_status_id": status, "force": 1}
            owner.post("/automations/status", sent)
            for reader in readers:
                page = reader.get(f"/automation-profile/{process_id}").html
                content = re.sub(r"<dialog.*?</dialog>", "", page, flags=re.DOTALL)
                assert content.count("btn-primary") <= 1, (status, reader.user_id)

    def test_each_is_led_to_what_they_must_do_now(self, hub: TestHub, owner: Client) -> None:
        stella, process_id = _idea_of_stella(hub, owner)
        pm = visitor(hub, (11, 0), email="pm@example.com")
        at = f"/automation-profile/{process_id}"

        def filled_button(reader: Visitor) -> str:
            found = re.search(r'class="btn btn-primary"[^>]*>(.*?)</a>', reader.get(at).html)
            return found[1].strip() if found else ""

        def move(status: int) -> None:
            sent = {"process_id": process_id, "phase_status_id": status, "force": 1}
            assert owner.post("/automations/status", sent).status == 201

        assert filled_button(visitor(hub, (6, 0))) == "Approve" and filled_button(stella) == ""
        move(51)
        assert re.fullmatch(
            r"Fill in the Detailed Assessment \(\d\d questions\)", filled_button(stella)
        )
        assert re.search(rf'href="/[\w/-]+-{process_id}/assessments/DA"', stella.get(at).html)
        move(54)
        sent = {"to": "56", "project_manager": "pm@example.com"}
        assert Visitor(hub, owner.user_id).post(f"{at}/move", sent).status == 303
        for status, label in (
            (58, "Set on track"),
            (59, "Complete Analysis"),
            (64, "Start Solution Design"),
            (60, ""),
        ):
            move(status)
            assert filled_button(pm) == label, status

    def test_a_rejection_says_why_and_how_to_submit_again(
        self, hub: TestHub, owner: Client
    ) -> None:
        stella, process_id = _idea_of_stella(hub, owner)
        at = f"/automation-profile/{process_id}"
        reader = visitor(hub, (6, 0), email="approver@example.com")
        assert "btn-danger" in reader.get(f"{at}/move?to=48").html
        refused = reader.post(f"{at}/move", {"to": "48"})
        assert refused.status == 400 and "Say why." in refused.text
        many = {"process_id": str(process_id), "to": "48"}
        assert "Say why." in reader.post("/pipeline/many/move", many).text
        assert (
            reader.post(f"{at}/move", {"to": "48", "reason": "SAP does it already."}).status == 303
        )
        page = stella.get(at)
        assert re.search(r"Rejected by Ada Byron on \d+ \w+ 20\d\d", page.text), page.text
        assert "SAP does it already." in page.text
        again = re.search(r'href="(/submit/1\?again=\d+)"', page.html)[1]
        form = stella.get(again)
        assert form.value(NAME) == "Enter invoices, improved" and form.value("draft_id") == ""
        assert "again=" not in Visitor(hub, owner.user_id).get(at).html

    def test_the_second_of_two_reviewers_reads_what_the_first_did_and_keeps_their_words(
        self, hub: TestHub, owner: Client
    ) -> None:
        _, process_id = _idea_of_stella(hub, owner)
        at = f"/automation-profile/{process_id}/move"
        first, second = visitor(hub, (6, 0)), visitor(hub, (6, 0))
        sent = form_of(second, f"{at}?to=48") | {"to": "48", "reason": "Far too dear for us."}
        assert first.post(at, {"to": "51", "reason": "Saves a day."}).status == 303
        late = second.post(at, sent)
        assert late.status == 409
        assert "moved this idea to “Assessment – Not started”" in late.text
        assert "Saves a day." in late.text and "Far too dear for us." in late.html
        assert "Send as a comment" in late.text

    def test_a_move_that_one_may_not_make_is_not_offered_and_refused(
        self, hub: TestHub, owner: Client
    ) -> None:
        process_id = hand_in(owner)
        reader = visitor(hub, (8, 0))
        assert "Approve" not in reader.get(f"/automation-profile/{process_id}").text
        assert reader.get(f"/automation-profile/{process_id}/move?to=51").status == 409
        assert reader.post(f"/automation-profile/{process_id}/move", {"to": "51"}).status in (
            403,
            409,
        )


def _idea_of_stella(hub: TestHub, owner: Client) -> tuple[Visitor, int]:
    """An idea of a standard user, who owns its process too."""
    stella = visitor(hub, (8, 0), email="stella@example.com")
    process_id = hand_in(
        owner,
        process_name="Enter invoices",
        owner="stella@example.com",
        submitter="stella@example.com",
    )
    return stella, process_id


def _without_owner(db, process_id: int) -> None:
    from autohub.ideas import scoring, store
    from autohub.ideas.model import set_person

    idea = store.load_ideas(db, [process_id])[process_id]
    set_person(idea, "owner", None)
    scoring.save_ideas(db, [idea])


class TestEditing:
    def test_the_second_of_two_editors_is_told_and_keeps_what_they_typed(
        self, hub: TestHub, owner: Client
    ) -> None:
        process_id = hand_in(owner, process_name="Sort the post")
        at = f"/automation-profile/{process_id}/edit"
        first, second = Visitor(hub, owner.user_id), visitor(hub, (5, 0))
        stamps = [reader.get(at).value("stamp") for reader in (first, second)]
        fields = {
            NAME: "Sort the post",
            TEXT: "First wrote this.",
            PLACE: "3",
            "tags": "post, daily",
            "priority": "High",
        }
        assert first.post(at, fields | {"stamp": stamps[0]}).status == 303
        told = second.post(at, fields | {TEXT: "Second wrote that.", "stamp": stamps[1]})
        assert told.status == 409 and "changed this idea" in told.text and "Ada Byron" in told.text
        assert "Second wrote that." in told.html and "First wrote this." in told.text
        assert (
            second.post(
                at, fields | {TEXT: "Second wrote that.", "stamp": told.value("stamp")}
            ).status
            == 303
        )
        about = first.get(f"/automation-profile/{process_id}")
        assert "Second wrote that." in about.text and "daily" in about.text and "High" in about.text

    def test_a_vote_in_between_is_no_change_of_the_form(self, hub: TestHub, owner: Client) -> None:
        process_id = hand_in(owner, process_name="Sort the post")
        editor, voter = Visitor(hub, owner.user_id), visitor(hub, (8, 0))
        stamp = editor.get(f"/automation-profile/{process_id}/edit").value("stamp")
        assert (
            "Interested 1"
            in voter.get(
                voter.post(f"/automation-profile/{process_id}/vote", {"wanted": "1"}).location
            ).text
        )
        fields = {
            NAME: "Sort the post",
            TEXT: "x",
            PLACE: "3",
            "tags": "",
            "priority": "",
            "stamp": stamp,
        }
        assert editor.post(f"/automation-profile/{process_id}/edit", fields).status == 303

    def test_who_may_not_edit_is_not_offered_it(self, hub: TestHub, owner: Client) -> None:
        process_id = hand_in(owner)
        reader = visitor(hub, (8, 0))
        assert "/edit" not in reader.get(f"/automation-profile/{process_id}").html
        assert reader.get(f"/automation-profile/{process_id}/edit").status == 403
        assert reader.post(f"/automation-profile/{process_id}/delete").status == 403
        assert "Cost-benefit" not in reader.get(f"/automation-profile/{process_id}").text
        assert reader.get(f"/automation-profile/{process_id}/cost-benefit").status == 403


class TestThePipeline:
    def test_views_filters_and_sorts_live_in_the_address(self, hub: TestHub, owner: Client) -> None:
        for number in range(3):
            hand_in(owner, process_name=f"Idea {'abc'[number]}", rules=number + 1)
        owner.post("/automations/status", {"process_id": 2, "phase_status_id": 51})
        reader = Visitor(hub, owner.user_id)

        def names(address: str) -> list[str]:
            return re.findall(r'class="name"><a[^>]*>([^<]+)</a>', reader.get(address).html)

        assert names("/pipeline?view=review&sort=name") == ["Idea a", "Idea c"]
        assert names("/pipeline?phase=2") == ["Idea b"] and names("/pipeline?status=51") == [
            "Idea b"
        ]
        assert (
            names("/pipeline?sort=-name") == ["Idea c", "Idea b", "Idea a"]
            and names("/pipeline?sort=score")[0] == "Idea a"
        )
        assert (
            names("/pipeline?category=1&sort=name") == ["Idea a", "Idea b", "Idea c"]
            and names("/pipeline?category=5") == []
        )
        assert "No idea here fits all of these filters" in reader.get("/pipeline?category=5").text
        assert names("/pipeline?limit=1&page=2&sort=name") == ["Idea b"]
        assert "2–2 of 3" in reader.get("/pipeline?limit=1&page=2&sort=name").text
        page = reader.get("/pipeline?category=1&phase=2")
        chips = page.text
        assert 'name="drop" value="category=1"' in page.html
        dropped = reader.get("/pipeline?category=1,3&phase=2&drop=category%3D1&page=2")
        assert (dropped.status, dropped.location) == (303, "/pipeline?category=3&phase=2")
        assert reader.get("/pipeline?s=x&phase=2&drop=s").location == "/pipeline?phase=2"
        assert "Finance" in chips and "Phase: Assessment" in chips and "Drop all filters" in chips

    def test_the_export_holds_what_the_filters_hold(self, hub: TestHub, owner: Client) -> None:
        hand_in(owner, process_name="=1+1")
        hand_in(owner, process_name="Sort the post")
        reader = Visitor(hub, owner.user_id)
        csv = reader.get("/pipeline/export?kind=csv&s=post")
        assert (
            "attachment" in csv.headers["content-disposition"]
            and "Sort the post" in csv.html
            and "1+1" not in csv.html
        )
        assert "'=1+1" in reader.get("/pipeline/export?kind=csv").html
        assert reader.get("/pipeline/export?kind=xlsx").html.startswith("PK")

    def test_the_decision_chart_places_what_can_be_placed_and_counts_the_rest(
        self, hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("autohub.pages.pipeline.chart.BUBBLES", 2)
        ids = [hand_in(owner, process_name=f"Idea {n}") for n in range(5)]
        scores = (
            "UPDATE idea SET process_ease_of_implementation_score = 50, "
            "process_estimated_benefit_score = :b WHERE process_id = :i"
        )
        hub.database.write(lambda db: db.change(sa.text(scores), {"b": 90, "i": ids[-1]}))
        shown = visitor(hub, (5, 0)).get("/pipeline?layout=chart").text
        assert "4 ideas have no ease or benefit yet" in shown and "Idea 4" in shown

    def test_a_selection_is_given_priority_tag_and_follow_and_says_for_how_many_it_worked(
        self, hub: TestHub, owner: Client
    ) -> None:
        ids = [hand_in(owner) for _ in range(2)]
        reader = Visitor(hub, owner.user_id)
        for act, done in (
            ("priority", "Set the priority of 2 ideas."),
            ("tag", "Tagged 2 ideas."),
            ("follow", "You follow 2 ideas now."),
        ):
            fields = [("process_id", str(i)) for i in (*ids, 999)] + [
                ("priority", "High"),
                ("tag", "quick win"),
            ]
            assert (
                f"{done} There is no idea 999."
                in reader.get(reader.post(f"/pipeline/many/{act}", fields).location).text
            )
        idea = owner.get(f"/automations/{ids[0]}").data
        assert idea["process_priority"] == "High" and idea["tags"] == ["quick win"]
        assert (
            len(re.findall("/automation-profile/", reader.get("/workspace?tab=following").html))
            == 2
        )

    def test_a_selection_is_moved_where_the_flow_allows_and_owners_are_named_where_they_lack(
        self, hub: TestHub, owner: Client
    ) -> None:
        hub.person(email="olga@example.com")
        ids = [hand_in(owner) for _ in range(2)]
        hub.database.write(lambda db: _without_owner(db, ids[0]))
        owner.post("/automations/status", {"process_id": ids[1], "phase_status_id": 48})
        reader = Visitor(hub, owner.user_id)
        assert "Move these ideas" in reader.get("/pipeline?view=review").text
        fields = [*(("process_id", str(i)) for i in ids), ("to", "51")]
        refused = reader.post("/pipeline/many/move", [*fields, ("reason", "Worth a look")])
        assert (
            refused.status == 400
            and "A process owner is set before" in refused.text
            and "Worth a look" in refused.html
        )
        assert len(re.findall(r'name="process_id"[^>]* checked', refused.html)) == 2
        said = reader.get(
            reader.post("/pipeline/many/move", [*fields, ("owner", "olga@example.com")]).location
        ).text
        assert (
            "Moved 1 idea. The idea's flow has no move from “Idea – Rejected” to "
            "“Assessment – Not started”" in said
        )
        moved = owner.get(f"/automations/{ids[0]}").data
        assert moved["phase_status_id"] == 51 and moved["owner"]["user_email"] == "olga@example.com"

    def test_a_whole_list_is_changed_at_once_by_what_its_filters_hold(
        self, hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("Sort the post", "Stamp the post", "Feed the cat"):
            hand_in(owner, process_name=name)
        reader = Visitor(hub, owner.user_id)
        assert "all 3 of this list" in reader.get("/pipeline?limit=1").text
        assert "of this list" not in reader.get("/pipeline").text
        fields = {"all": "1", "priority": "High"}
        assert (
            "Set the priority of 2 ideas."
            in reader.get(
                reader.post("/pipeline/many/priority?s=post&limit=1", fields).location
            ).text
        )
        assert len(re.findall('data-label="Priority">High<', reader.get("/pipeline").html)) == 2
        assert "Nothing is picked" in reader.post("/pipeline/many/priority?s=nowhere", fields).text
        monkeypatch.setattr(many, "AT_ONCE", 2)
        assert "filter the list further" in reader.post("/pipeline/many/follow", {"all": "1"}).text

    def test_what_one_may_not_see_is_in_no_list_count_or_search(
        self, hub: TestHub, owner: Client
    ) -> None:
        hand_in(owner, process_name="Secret of finance", category_id=3)
        reader = visitor(hub, (8, 5), email="hr@example.com")
        for page in (
            "/pipeline",
            "/pipeline?layout=board",
            "/pipeline?layout=chart",
            "/explore",
            "/search?s=secret",
            "/tasks",
        ):
            assert "Secret" not in reader.get(page).text.replace("“secret”", ""), page
        assert reader.get("/automation-profile/1").status == 404


class TestTheProfile:
    def test_people_talk_answer_and_take_back(self, hub: TestHub, owner: Client) -> None:
        process_id = hand_in(owner)
        at = f"/automation-profile/{process_id}/questions"
        asker, other = visitor(hub, (8, 0)), visitor(hub, (8, 0))
        asker.post(at, {"comment_text": "How many?\nA week, I mean."})
        other.post(at, {"comment_text": "Forty.", "parent_id": "1"})
        page = asker.get(at)
        assert "How many?" in page.text and "Forty." in page.text
        assert other.post(f"{at}/1/back").status == 403
        asker.post(f"{at}/1/back")
        assert (
            "This was taken back." in asker.get(at).text and "How many?" not in asker.get(at).text
        )

    def test_a_team_is_named_changed_and_left(self, hub: TestHub, owner: Client) -> None:
        process_id = hand_in(owner)
        hub.person((8, 0), email="jane@example.com")
        reader, at = Visitor(hub, owner.user_id), f"/automation-profile/{process_id}/collaborators"
        wrong = reader.post(f"{at}/seat", [("user_email", "nobody@example.com"), ("role_id", "4")])
        assert (
            wrong.status == 400
            and "There is no user with the address nobody@example.com" in wrong.text
        )
        fields = [("user_email", "jane@example.com"), ("role_id", "4"), ("part", "documentation")]
        assert reader.post(f"{at}/seat", fields).status == 303
        assert (
            "Business Analyst" in reader.get(at).text
            and "may edit: Documentation" in reader.get(at).text
        )
        assert reader.post(f"{at}/leave", {"user_email": "jane@example.com"}).status == 303
        assert "Business Analyst" not in reader.get(at).text

    def test_a_document_is_brought_fetched_and_deleted(self, hub: TestHub, owner: Client) -> None:
        process_id = hand_in(owner)
        reader, at = Visitor(hub, owner.user_id), f"/automation-profile/{process_id}/documentation"
        fields = {
            "document_title": "Map",
            "document_description": "How it goes.",
            "document_type_id": "6",
        }
        assert reader.upload(f"{at}/add", "map.csv", b"a,b\n1,2\n", fields).status == 303
        page = reader.get(at)
        href = re.search(r'href="(/files/\d+)"', page.html)[1]
        sent = hub.request("GET", href, None, reader._headers())
        assert sent.raw == b"a,b\n1,2\n" and "attachment" in sent.headers["content-disposition"]
        assert visitor(hub, (8, 5)).get(href).status == 404
        refused = reader.upload(f"{at}/add", "map.csv", b"", fields)
        assert (
            refused.status == 400
            and "is empty" in refused.text
            and refused.value("document_title") == "Map"
        )
        number = re.search(r'"document_id": "(\d+)"', page.html)[1]
        assert (
            reader.post(f"{at}/remove", {"document_id": number}).status == 303
            and "Map" not in reader.get(at).text
        )

    def test_scores_open_into_their_factors_and_say_what_would_raise_them(
        self, hub: TestHub, owner: Client
    ) -> None:
        process_id = hand_in(owner, rules=1)
        text = Visitor(hub, owner.user_id).get(f"/automation-profile/{process_id}/assessments").text
        assert (
            "Very creative counts as 1" in text
            and "a better answer to “How rule-based is the process?”, by up to 20 points" in text
        )

    def test_plan_and_costs_are_typed_in_and_come_out_as_break_even(
        self, hub: TestHub, owner: Client
    ) -> None:
        process_id = hand_in(owner)
        reader, at = Visitor(hub, owner.user_id), f"/automation-profile/{process_id}/cost-benefit"
        fields = {
            "p4-baseline_start": "2026-01-05",
            "p4-baseline_end": "2026-01-16",
            "p4-person_days": "10",
            "p4-day_rate": "600",
        }
        fields |= {"benefit_currency_final": "12000", "launch_date": "2026-02-01"}
        cost = {
            "kind": "running",
            "cost_type": "licence",
            "cost_name": "Robot",
            "quantity": "1",
            "unit_price": "2400",
            "currency": "USD",
        }
        fields |= {f"cost-{name}": value for name, value in cost.items()}
        wrong = reader.post(f"{at}/edit", fields | {"p4-person_days": "ten"})
        assert (
            wrong.status == 400
            and "Analysis: Person days must be a number such as 1250.5; “ten” is not." in wrong.text
            and wrong.value("p4-day_rate") == "600"
        )
        fields["stamp"] = reader.get(f"{at}/edit").value("stamp")
        assert reader.post(f"{at}/edit", fields).status == 303
        late = reader.post(f"{at}/edit", fields | {"p4-day_rate": "700"})
        assert (
            late.status == 409
            and "changed this idea" in late.text
            and late.value("p4-day_rate") == "700"
        )
        shown = reader.get(at).text
        assert (
            "month 8" in shown and "Robot" in shown and "US$12,000" in shown and "US$6,000" in shown
        )
        assert "Finance,6000,2400" in reader.get("/dashboards/download?chart=costs").html

    def test_a_change_of_a_live_automation_is_asked_for_and_found_on_it(
        self, hub: TestHub, owner: Client
    ) -> None:
        process_id = hand_in(owner, process_name="Sort the post")
        for status in (51, 91):
            owner.post(
                "/automations/status",
                {"process_id": process_id, "phase_status_id": status, "force": 1},
            )
        reader = Visitor(hub, owner.user_id)
        assert (
            f"/submit/6?of={process_id}"
            in reader.get(f"/automation-profile/{process_id}/change-requests").html
        )
        page = reader.get(f"/submit/6?of={process_id}")
        assert page.value(NAME) == "Change of: Sort the post"
        fields = {
            NAME: "Also on Sundays",
            TEXT: "Please.",
            PLACE: "3",
            OWNER: "owner@example.com",
            SUBMITTER: "owner@example.com",
            "of": process_id,
        }
        fields |= dict(
            reversed(re.findall(r'type="radio" name="([A-Z_-]+)" value="([^"]+)"', page.html))
        )
        fields |= dict.fromkeys(re.findall(r'<textarea[^>]*name="(CR-[A-Z_-]+)"', page.html), "x")
        led = reader.post("/submit/6", fields)
        assert led.status == 303, led
        assert (
            "Also on Sundays"
            in reader.get(f"/automation-profile/{process_id}/change-requests").text
        )
        assert "Sort the post" in reader.get(f"{led.location}/change-requests").text
